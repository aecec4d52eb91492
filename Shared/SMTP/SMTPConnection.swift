import SocketLoop
import Synchronization

/// Hands mails to one server, one after the other, over a connection that is kept from mail to mail.
///
/// **What can be lost:** nothing that `send` returned for: the server has taken it. **What repeats:** a mail for which `send` threw
/// `connectionLost`, `timedOut` or `cancelled` may have arrived; sent again it has the same Message-ID. **Who retries:** the caller, as
/// `SMTPError.isRetryable` says. A connection that the server closed while it was idle is made again without telling anybody.
///
/// libcurl blocks, so the actor has a thread of its own, on which a mail takes up to `SMTPServer.limit`.
public actor SMTPConnection {
    private nonisolated let loop = SocketLoop(name: "smtp")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let server: SMTPServer
    private let closing = Interruption()
    private var handle: MailHandle?

    public init(_ server: SMTPServer) { self.server = server }

    deinit { loop.shutdown() }

    /// Sends a mail, and returns when the server has taken responsibility for it.
    public func send(_ mail: Mail) async throws(SMTPError) {
        let content = try mail.content()
        let interruption = Interruption()
        let result: Result<Void, SMTPError> = await withTaskCancellationHandler {
            transfer(mail, content, interruption)
        } onCancel: {
            interruption.raise()
        }
        try result.get()
    }

    /// Breaks off the mail under way, if there is one, and sends no more.
    public nonisolated func close() {
        closing.raise()
        loop.shutdown()
    }

    private func transfer(_ mail: Mail, _ content: [UInt8], _ interruption: Interruption) -> Result<Void, SMTPError> {
        do throws(SMTPError) {
            let open: MailHandle
            if let handle { open = handle } else { open = try MailHandle(server) }
            handle = open
            return .success(try open.send(mail, content, unless: { interruption.isRaised || self.closing.isRaised }))
        } catch {
            return .failure(error)
        }
    }
}

/// A flag that another thread raises to break off a mail.
final class Interruption: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }

    func raise() { flag.store(true, ordering: .relaxed) }
}
