import Deadline
import ServiceKit

/// Runs huiyin-deadline.
@main
enum DeadlineMain {
    static func main() async {
        await Runtime.run(.deadline) { context in try DeadlineService.assemble(context) }
    }
}
