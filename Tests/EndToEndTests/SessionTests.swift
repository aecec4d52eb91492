import Models
import NIOHTTP1
import TestSupport
import Testing

/// Sessions at the grassroots through the real executables: planned, published, held, imported and checked.
@Suite("Sessions as the house keeps them", .serialized, .timeLimit(.minutes(10)))
struct SessionTests {
    private let id = "0193a000-0000-7000-8000-000000000001"

    @Test("are imported once, stand on the roster and in the duty report, and pass the check")
    func wholeDay() async throws {
        let house = try await RunningHouse()
        do {
            try await imports(house)
            try await plans(house)
            try await asks(house)
            let check = try await house.run(["check", "--json"])
            #expect(check.code == 0, "\(check.out) \(check.err)")
        } catch {
            await house.stop()
            throw error
        }
        await house.stop()
    }

    private func imports(_ house: RunningHouse) async throws {
        let file = try house.write(
            "sessions.json",
            Array(
                #"""
                {"sessions": [{"id": "\#(id)", "kind": "visit", "level": "county", "leader": "l-1", "unit": "county", "place": "桥头村",
                  "starts": "2026-01-05T09:00:00+08:00", "ends": "2026-01-05T12:00:00+08:00", "units": ["housing"],
                  "attended": [{"unit": "housing"}], "policies": [{"title": "医保", "reached": 30}],
                  "visitors": [{"id": "0193a000-0000-7000-8000-000000000002", "name": "李四光", "phone": "13900001234"}],
                  "closed": {"summary": "听取意见", "reached": 32}},
                  {"id": "0193a000-0000-7000-8000-000000000009", "kind": "feast"}]}
                """#.utf8))

        let first = try await house.run(["import", file, "--json"])
        let again = try await house.run(["import", file, "--json"])

        #expect(first.code == 2 && first.err.contains("/sessions/1: /kind"), "\(first.err)")
        #expect(first.json?["sessions"]?.text == #"{"known":0,"recorded":1,"rejected":1}"#)
        #expect(first.json?["entries"]?.text == #"{"known":0,"recorded":5,"rejected":0}"#)
        #expect(again.json?["sessions"]?.text == #"{"known":1,"recorded":0,"rejected":1}"#)
        #expect(again.json?["entries"]?.text == #"{"known":5,"recorded":0,"rejected":0}"#)
    }

    /// Plans a session for next year and publishes it; the second request with one key takes no effect.
    private func plans(_ house: RunningHouse) async throws {
        let plan = #"""
            {"kind":"reception","level":"county","leader":"l-2","unit":"petitions","office":"县长","place":"信访大厅",
            "starts":"2099-03-01T09:00:00+08:00","ends":"2099-03-01T12:00:00+08:00"}
            """#
        func post(_ path: String, _ body: String, _ key: String) async throws -> RunningHouse.Reply {
            try await house.ask(.POST, path, body: Array(body.utf8), headers: ["Idempotency-Key": key], staff: true)
        }

        let planned = try await post("/v1/sessions", plan, "p-1")
        let repeated = try await post("/v1/sessions", plan, "p-1")
        guard case .string(let session)? = planned.json?["id"] else {
            Issue.record("no session was planned: \(String(decoding: planned.body, as: UTF8.self))")
            return
        }
        let published = try await post("/v1/sessions/\(session)/publish", "", "p-2")
        let early = try await post("/v1/sessions/\(session)/open", "", "p-3")

        #expect(planned.status == 201 && repeated.body == planned.body)
        #expect(published.json?["phase"]?.text == "\"published\"")
        #expect(early.status == 409)
        let roster = try await house.ask(.GET, "/v1/roster?from=2099-03-01&to=2099-03-01")
        let calendar = try await house.ask(.GET, "/v1/roster.ics?from=2099-03-01&to=2099-03-01")
        #expect(roster.json?["sessions"]?.text.contains(session) == true)
        let text = String(decoding: calendar.body, as: UTF8.self)
        #expect(calendar.status == 200 && text.contains("UID:\(session)@") && text.contains("DTSTART:20990301T010000Z\r\n"))
        #expect(!text.contains("l-2") && !String(decoding: roster.body, as: UTF8.self).contains("l-2"))
        #expect(try await house.ask(.GET, "/v1/roster").json?["sessions"]?.text == "[]")
    }

    private func asks(_ house: RunningHouse) async throws {
        func get(_ path: String) async throws -> RunningHouse.Reply { try await house.ask(.GET, path, staff: true) }

        let shown = try await get("/v1/sessions/\(id)")
        let first = try await get("/v1/sessions?limit=1")
        let duties = try await get("/v1/duties?month=2026-01")

        #expect(shown.json?["phase"]?.text == "\"closed\"")
        let text = String(decoding: shown.body, as: UTF8.self)
        #expect(text.contains("李**") && !text.contains("李四光") && !text.contains("13900001234"))
        guard case .string(let next)? = first.json?["next"] else {
            Issue.record("the first page has no next")
            return
        }
        #expect(first.json?["sessions"]?.text.contains(id) == true)
        #expect(try await get("/v1/sessions?limit=1&after=\(next)").json?["sessions"]?.text.contains("信访大厅") == true)
        #expect(try await get("/v1/sessions?leader=l-2&kind=visit").json?["sessions"]?.text == "[]")
        #expect(try await get("/v1/sessions?leader=l-1&unit=county&to=2026-01-05").json?["sessions"]?.text.contains(id) == true)
        #expect(
            duties.json?["leaders"]?.text
                == #"[{"days":["2026-01-05"],"leader":"l-1","level":"county","owed":1,"served":1,"unit":"county"}]"#)
        #expect(try await get("/v1/sessions/\(id)/cases").json?["cases"]?.text == "[]")
        #expect(try await house.ask(.GET, "/v1/duties?month=2026-01").status == 401)
        #expect(try await get("/v1/county/definition?version=%00").status == 404)
        #expect(try await get("/v1/sessions/0193a000-0000-7000-8000-0000000000ff").status == 404)
    }
}
