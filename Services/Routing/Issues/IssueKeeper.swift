import CaseFlow
import Crypto
import Logging
import Models
import Postgres
import ServiceKit

/// Gathers matters into issues, finds those that are alike, and has it told when an issue becomes hot.
///
/// One process does so at a time; another takes over when it falls silent. Nothing waits for it: a case is assigned before its matter is
/// looked at. What it finds is in the tables when its transaction is; what it has told is kept under a name that counts once.
actor IssueKeeper {
    private let client: PostgresClient
    private let rows: IssueRows
    /// The county in force; nil before the first.
    private let county: @Sendable () async throws -> CountyIndex?
    /// Has routing state that an issue became hotter, once under the name.
    private let state: @Sendable (IssueHeating, Subject, ClaimKey) async throws -> Answer
    private let logger: Logger
    private let owner = UniqueID.version7(at: SystemTime.now, random: SystemTime.random)
    /// Nil until this process keeps the issues.
    private var book: IssueBook?
    /// How many members of each group stand in the tables.
    private var kept: [Int: Int] = [:]
    private var readAt = Instant(microseconds: 0)
    private var weighedAt = Instant(microseconds: 0)

    /// So many matters are held in memory at most, about a kilobyte each.
    private static let mostMatters = 15_000
    /// When there are that many, so many of the latest are read anew: about one for each that has come since the last time.
    private static let leftMatters = 8_000
    /// How many issues are told at once: others want to be heard at the desk, too.
    private static let mostTold = 256
    /// How many matters are put to their groups in one transaction.
    private static let passSize = 500

    init(
        client: PostgresClient, logger: Logger, county: @escaping @Sendable () async throws -> CountyIndex?,
        state: @escaping @Sendable (IssueHeating, Subject, ClaimKey) async throws -> Answer
    ) {
        (self.client, self.logger, self.county, self.state) = (client, logger, county, state)
        rows = IssueRows(client: client)
    }

    /// Looks every two seconds, and again at once while more waits, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            var placed = 0
            do { placed = try await pass(at: SystemTime.now) } catch {
                if Task.isCancelled { return }
                // What is in memory may be ahead of the tables.
                book = nil
                logger.warning("issues cannot be gathered now", metadata: .of([.reason: "\(loggableDescription(of: error))"]))
            }
            if placed < Self.passSize { try? await Task.sleep(for: .seconds(2)) }
        }
    }

    /// Puts the matters that wait where they belong; says how many there were.
    func pass(at now: Instant) async throws -> Int {
        guard let county = try await county(), try await claim() else { return 0 }
        let rule = county.definition.hotIssues ?? .standard
        if try await !read(rule, at: now) { return 0 }
        let isTime = now - weighedAt > .seconds(60)
        let (placed, isChanged) = try await client.withTransaction { transaction in
            // Others wait for its end.
            guard try IssueRows.claim(from: try await transaction.run(IssueRows.claim(owner))) == .kept, var book else {
                book = nil
                return (0, false)
            }
            let fresh = try await IssueRows.take(Self.passSize, in: transaction)
            let likenesses = try await IssueRows.likenesses(of: fresh.map(\.subject), in: transaction)
            // Uniquely held while it grows; and should this fail, it is read anew.
            self.book = nil
            var changed = book.add(fresh, alike: Dictionary(likenesses.map { ($0.subject, $0.other) }) { first, _ in first })
            // What was read anew or is asked less of may have become large enough.
            if isTime {
                changed.formUnion(
                    book.groups.indices.filter { book.groups[$0].members.count >= rule.least && book.groups[$0].issue == nil })
            }
            var statements = IssueRows.statements(adding: likenesses)
            let (issues, members) = weigh(changed, in: &book, by: rule, at: now)
            statements += try await IssueRows.statements(saving: issues, members: members, in: transaction)
            if isTime { statements.append(IssueRows.weighing(by: rule, at: now)) }
            try await transaction.commit(with: statements)
            self.book = book
            return (fresh.count, !issues.isEmpty)
        }
        if isTime { weighedAt = now }
        if isChanged || isTime { try await tell(rule, county) }
        return placed
    }

    /// The issues among groups, and their cases that are not written down yet; a group that has become large enough is one from now on.
    private func weigh(
        _ changed: Set<Int>, in book: inout IssueBook, by rule: HotIssueRule, at now: Instant
    ) -> (issues: [IssueRows.Issue], members: [(subject: Subject, issue: Subject)]) {
        var (issues, members): ([IssueRows.Issue], [(Subject, Subject)]) = ([], [])
        for group in changed.sorted() {
            let heat = book.heat(of: group, at: now, by: rule)
            if book.groups[group].issue == nil, heat.cases >= rule.least {
                book.name(group, Subject(.version7(at: now, random: SystemTime.random)))
            }
            guard let issue = book.groups[group].issue else { continue }
            let (all, before) = (book.groups[group].members, kept[group] ?? 0)
            members += all.dropFirst(before).map { (book.matters[$0].subject, issue) }
            kept[group] = all.count
            issues.append(IssueRows.Issue(subject: issue, group: book.groups[group], matters: book.matters, heat: heat, kept: before))
        }
        return (issues, members)
    }

    /// Whether this process keeps the issues; what it has in memory is worth nothing when another did in the meantime.
    private func claim() async throws -> Bool {
        let claim = try IssueRows.claim(from: try await client.run(IssueRows.claim(owner)))
        if claim != .kept { book = nil }
        return claim != .others
    }

    /// Reads the latest matters where none are in memory, once a day, and when too many are; says whether this process still keeps the
    /// issues.
    ///
    /// It takes seconds, so it is no part of a transaction, lets others work in between, and says that it is alive.
    private func read(_ rule: HotIssueRule, at now: Instant) async throws -> Bool {
        if let book, book.matters.count < Self.mostMatters, now - readAt < .seconds(86_400) { return true }
        // Both at once would be twice as much memory, which is not given back.
        book = nil
        let known = try await rows.known(since: now - .seconds(rule.days * 86_400), atMost: Self.leftMatters)
        var fresh = IssueBook()
        for start in stride(from: 0, to: known.count, by: Self.passSize) {
            _ = fresh.add(Array(known[start..<min(start + Self.passSize, known.count)]))
            guard try await claim() else { return false }
        }
        // What came to an issue only by being read anew stands among others: all cases of an issue that changes are written once more.
        kept = [:]
        book = fresh
        readAt = now
        return true
    }

    /// States what has become hotter since it was last told, and forgets what was told of what has cooled down.
    ///
    /// Many are submitted at once, so that they share a commit. Those that were told are kept as such also when others could not be.
    private func tell(_ rule: HotIssueRule, _ county: CountyIndex) async throws {
        let (state, desk) = (state, county.living(county.definition.desk))
        let untold = try await rows.untold(by: rule)
        for start in stride(from: 0, to: untold.count, by: Self.mostTold) {
            let issues = untold[start..<min(start + Self.mostTold, untold.count)].map { (issue: $0, level: rule.level(of: $0.heat.index)) }
            let answers = await withTaskGroup(of: (Int, Result<Answer, any Error>).self) { group in
                for (index, (issue, level)) in issues.enumerated() {
                    let name = "issue.heating \(issue.subject) \(issue.wave) \(level)"
                    let key = ClaimKey(digest: SHA256.hash(data: Array(name.utf8)))
                    let heating = issue.heating(level: level, desk: desk)
                    group.addTask {
                        // Swift 6.3 loses the index where the answer is awaited within the pair itself and may throw (-O).
                        do {
                            let answer = try await state(heating, issue.subject, key)
                            return (index, .success(answer))
                        } catch { return (index, .failure(error)) }
                    }
                }
                var answers: [(Int, Result<Answer, any Error>)] = []
                for await answer in group { answers.append(answer) }
                return answers
            }
            var (levels, failure): ([(subject: Subject, level: Int)], (any Error)?) = ([], nil)
            for (index, answer) in answers {
                switch answer {
                case .success(.refused(let refusal)):
                    logger.error("an issue could not be told", metadata: .of([.reason: "\(refusal.rule)"]))
                case .success: levels.append((issues[index].issue.subject, issues[index].level))
                case .failure(let error): failure = error
                }
            }
            try await rows.told(levels)
            if let failure { throw failure }
        }
        try await rows.coolDown(below: rule.alarm / 2)
    }
}
