import CaseFlow
import Hummingbird
import Models
import ServiceKit

/// Notification's door for staff: which notices of their cases wait, and which have failed.
struct NoticeAPI: Sendable {
    private let store: PostgresStore<NotificationTables>
    private let queries: NoticeQueries
    private let seal: SealKey

    /// How many notices are looked at for one page, most of which may be of cases that the asker may not know of.
    private static let mostLooks = 5000

    init(store: PostgresStore<NotificationTables>, seal: SealKey) {
        self.store = store
        self.seal = seal
        queries = NoticeQueries(client: store.client)
    }

    func add(to router: ServiceRouter) {
        router.staffGroup("v1").get("notices") { request, context in try await list(request, context) }
    }

    private func list(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let (person, query) = (try context.requireStaff(), request.uri.queryParameters)
        let limit = try PageLimit.read(query["limit"])
        let phase = try query["phase"].map { text throws(Problem) -> NoticeLine.Phase in
            guard let phase = NoticeLine.Phase(rawValue: String(text)) else {
                throw Problem(.invalidContent, detail: "phase is due, delivered, failed or withdrawn.")
            }
            return phase
        }
        let subject = try query["case"].map { text throws(Problem) -> Subject in
            guard let subject = Subject(String(text)) else { throw Problem(.invalidContent, detail: "case is the identifier of a case.") }
            return subject
        }
        let cursor = SealedCursor<NoticePlace>("list of notices", seal: seal, asker: person, query: query)
        let place = try query["after"].map { text throws(Problem) -> NoticePlace in
            guard let place = cursor.place(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before, with the same filters.")
            }
            return place
        }
        if subject == nil, phase == .delivered || phase == .withdrawn {
            throw Problem(.invalidContent, detail: "Name a case to see its notices that were delivered or withdrawn.")
        }
        let (notices, next) = try await page(phase, of: subject, after: place ?? .beginning, limit: limit, for: person)
        return JSONAnswer(.object(["notices": .array(notices), "next": try next.map { .string(try cursor.text($0)) } ?? .null]))
    }

    /// Notices of the cases that the asker may know of, from a place on, and where the next page begins.
    func page(
        _ phase: NoticeLine.Phase?, of subject: Subject?, after: NoticePlace, limit: Int, for person: ActingPerson
    ) async throws -> ([JSONValue], NoticePlace?) {
        var (notices, place, looks): ([JSONValue], NoticePlace, Int) = ([], after, 0)
        while looks < Self.mostLooks {
            // Most may be of cases that the asker may not know of.
            let size = max(limit, 200)
            let lines = try await queries.page(phase, of: subject, after: place, limit: size)
            let states = try await queries.states(of: Array(Set(lines.map(\.subject))))
            let counties = try await store.book(with: Set(states.values.map(\.county)))
            for line in lines {
                place = NoticePlace(created: line.created.microseconds, id: line.id)
                guard let state = states[line.subject], let county = counties[state.county]?.index,
                    state.life.access(of: person, in: county, current: counties.current?.index) > .none
                else { continue }
                notices.append(line.json(number: state.number))
                if notices.count == limit { return (notices, place) }
            }
            if lines.count < size { return (notices, nil) }
            looks += lines.count
        }
        return (notices, place)
    }
}
