import Models
import Synchronization

@testable import Notification

/// A way whose answers a test decides.
final class ScriptedCarrier: NoticeCarrier {
    let name: String
    private let script: Mutex<@Sendable (NoticeLetter) -> NoticeOutcome>
    private let taken = Mutex<[NoticeLetter]>([])

    /// What it was given, in that order.
    var letters: [NoticeLetter] { taken.withLock { $0 } }

    init(_ name: String, _ script: @escaping @Sendable (NoticeLetter) -> NoticeOutcome) {
        self.name = name
        self.script = Mutex(script)
    }

    func answers(_ outcome: NoticeOutcome) { script.withLock { $0 = { _ in outcome } } }

    func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
        taken.withLock { $0 += letters }
        let answer = script.withLock { $0 }
        return letters.map { answer($0) }
    }
}
