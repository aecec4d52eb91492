import Notification
import ServiceKit

/// Runs huiyin-notification.
@main
enum NotificationMain {
    static func main() async {
        await Runtime.run(.notification) { context in try NotificationService.assemble(context) }
    }
}
