import Models
import TestSupport
import Testing

@Suite("Objects that ask for their members by name")
struct JSONReadableTests {
    /// Read through the containers of `Decodable`.
    struct Members: Decodable, Equatable {
        struct Move: Decodable, Equatable {
            var stage: Stage
            var sequence: Int64
        }

        var unit: UnitCode
        var serial: Int
        var isOpen: Bool
        var when: Instant
        var day: LocalDate?
        var id: CaseID?
        var move: Move
        var moves: [Move]?
        var units: [UnitCode]
        var note: String?
        var term: Term?
    }

    /// The same, read by name.
    struct Named: JSONObject {
        struct Move: JSONObject {
            var move: Members.Move

            init(members: inout JSONMembers) throws {
                move = Members.Move(stage: try members.read("stage"), sequence: try members.read("sequence"))
            }
        }

        var members: Members

        init(members: inout JSONMembers) throws {
            self.members = Members(
                unit: try members.read("unit"), serial: try members.read("serial"), isOpen: try members.read("isOpen"),
                when: try members.read("when"), day: try members.readIfPresent("day"), id: try members.readIfPresent("id"),
                move: try (members.read("move") as Move).move,
                moves: try (members.readIfPresent("moves") as [Move]?)?.map(\.move), units: try members.read("units"),
                note: try members.readIfPresent("note"), term: try members.readIfPresent("term"))
        }
    }

    struct Holder: Decodable { var list: [Named] }

    private static let whole = [
        #""unit":"village-7""#, #""serial":3"#, #""isOpen":true"#, #""when":"2026-11-24T08:00:00.000000Z""#, #""day":"2026-11-24""#,
        #""id":"00000000-0000-7000-8000-00000000000a""#, #""move":{"stage":"under-review","sequence":4}"#,
        #""moves":[{"sequence":1,"later":[{}],"stage":"registered"},{"stage":"closed","sequence":9007199254740993}]"#,
        #""units":["desk","village-7"]"#, #""note":"é\n\u0041 路灯""#, #""term":{"count":3,"unit":"workday"}"#,
    ]
    private static let others = [
        #""later":{"unit":"other","list":[1,"2",null]}"#, #""Unit":"x""#, #""uni":1"#, #""":0"#, #""unit ":null"#, #""é":"unit""#,
    ]
    private static let values = [
        "null", "true", "false", "0", "-7", "2.5", "1e3", "99999999999999999999", #""""#, #""village-8""#, #""Village""#, #""2026-02-30""#,
        #""2026-11-24T08:00:00+08:00""#, #""closed""#, #""village\u002d9""#, "[]", "{}", #"["desk",null]"#, #"[{"stage":"closed"}]"#,
        #"{"stage":"nowhere","sequence":1}"#,
    ]

    /// What comes of reading: the value, or what kind of error it is and where.
    private func outcome<Value: Decodable>(_ type: Value.Type, _ text: String, _ members: (Value) -> Members) -> (Members?, String) {
        func place(_ path: [any CodingKey]) -> String { path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/") }
        do {
            return (members(try JSONCoding.decode(type, from: Array(text.utf8))), "")
        } catch {
            switch error as? DecodingError {
            case .typeMismatch(_, let context): return (nil, "mismatch at \(place(context.codingPath)): \(context.debugDescription)")
            case .keyNotFound(let key, let context): return (nil, "\(key.stringValue) is missing at \(place(context.codingPath))")
            case .dataCorrupted(let context): return (nil, "corrupted at \(place(context.codingPath))")
            default: return (nil, "\(error)")
            }
        }
    }

    @Test("read and refuse what the containers of Decodable do")
    func same() {
        var random = SeededRandom(seed: 11)
        var (read, refused) = (0, Set<String>())
        for _ in 0..<4000 {
            var members = Self.whole
            for _ in 0..<Int.random(in: 0...2, using: &random) { members.remove(at: .random(in: members.indices, using: &random)) }
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: members.indices, using: &random)
                let name = members[index].prefix { $0 != ":" }
                members[index] = "\(name):\(Self.values.randomElement(using: &random) ?? "")"
            }
            for other in Self.others where Bool.random(using: &random) {
                members.insert(other, at: .random(in: 0...members.count, using: &random))
            }
            if Bool.random(using: &random) { members.shuffle(using: &random) }
            let text = "{\(members.joined(separator: " , "))}"

            let (plain, plainFault) = outcome(Members.self, text) { $0 }
            let (named, namedFault) = outcome(Named.self, text, \.members)

            #expect(named == plain, "\(text)")
            #expect(namedFault == plainFault, "\(text)")
            if plain != nil { read += 1 } else { refused.insert(plainFault) }
        }
        #expect(read > 500)
        #expect(refused.count > 20)
    }

    @Test("are found under a name that is written with escapes")
    func escapes() throws {
        let text = "{\(Self.whole.joined(separator: ","))}".replacing(#""unit""#, with: #""\u0075nit""#)

        #expect(try JSONCoding.decode(Named.self, from: Array(text.utf8)).members.unit == UnitCode(validated: "village-7"))
    }

    @Test("stand inside others, too, and say where they do not fit")
    func nested() {
        let whole = "{\(Self.whole.joined(separator: ","))}"

        #expect(outcome(Holder.self, #"{"list":[\#(whole)]}"#) { $0.list[0].members }.0?.serial == 3)
        #expect(outcome(Holder.self, #"{"list":[\#(whole),[]]}"#) { $0.list[0].members }.1 == "mismatch at list/1: an object is expected")
        #expect(outcome(Holder.self, #"{"list":[{}]}"#) { $0.list[0].members }.1 == "unit is missing at list/0")
    }
}
