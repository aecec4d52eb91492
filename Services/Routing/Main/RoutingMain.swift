import Routing
import ServiceKit

/// Runs huiyin-routing.
@main
enum RoutingMain {
    static func main() async {
        await Runtime.run(.routing) { context in try RoutingService.assemble(context) }
    }
}
