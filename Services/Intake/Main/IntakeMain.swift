import Intake
import ServiceKit

/// Runs huiyin-intake.
@main
enum IntakeMain {
    static func main() async {
        await Runtime.run(.intake) { context in try IntakeService.assemble(context) }
    }
}
