import Testing

@testable import AMQP

@Suite("The ledger of confirms")
struct ConfirmLedgerTests {
    @Test("settles single tags in any order")
    func single() {
        var ledger = ConfirmLedger()
        for place in 0..<3 { ledger.published(.init(call: 1, place: place)) }

        let second = ledger.settle(2, multiple: false, confirmed: true)
        let third = ledger.settle(3, multiple: false, confirmed: false)
        let first = ledger.settle(1, multiple: false, confirmed: true)

        #expect(second.map(\.0.place) == [1] && second[0].1 == .confirmed)
        #expect(third.map(\.1) == [.refused])
        #expect(first.map(\.0.place) == [0])
        #expect(ledger.open == 0 && ledger.nextTag == 4)
    }

    @Test("settles all up to a tag at once, and nothing twice")
    func multiple() {
        var ledger = ConfirmLedger()
        for place in 0..<5 { ledger.published(.init(call: 7, place: place)) }
        _ = ledger.settle(2, multiple: false, confirmed: true)

        let settled = ledger.settle(4, multiple: true, confirmed: true)

        #expect(settled.map(\.0.place) == [0, 2, 3])
        #expect(ledger.settle(4, multiple: true, confirmed: true).isEmpty)
        #expect(ledger.settle(99, multiple: true, confirmed: true).isEmpty)
        #expect(ledger.open == 1)
    }

    @Test("tells a returned message from a confirmed one, though both are acked")
    func returned() {
        var ledger = ConfirmLedger()
        for place in 0..<2 { ledger.published(.init(call: 1, place: place)) }
        ledger.returned(2, reason: "312 NO_ROUTE")

        let settled = ledger.settle(2, multiple: true, confirmed: true)

        #expect(settled.map(\.1) == [.confirmed, .returned("312 NO_ROUTE")])
    }

    @Test("gives each message exactly one result for any order of answers", arguments: 0..<200)
    func anyOrder(seed: Int) {
        var random = Numbers(state: UInt64(seed))
        var (ledger, open, results) = (ConfirmLedger(), Set<UInt64>(), [Int: Int]())
        for _ in 0..<400 {
            if Bool.random(using: &random) || open.isEmpty {
                open.insert(ledger.nextTag)
                ledger.published(.init(call: 0, place: Int(ledger.nextTag)))
            } else if let tag = open.sorted().randomElement(using: &random) {
                let multiple = Bool.random(using: &random)
                for (ticket, _) in ledger.settle(tag, multiple: multiple, confirmed: true) { results[ticket.place, default: 0] += 1 }
                open = multiple ? open.filter { $0 > tag } : open.subtracting([tag])
            }
        }
        for (ticket, _) in ledger.settle(0, multiple: true, confirmed: true) { results[ticket.place, default: 0] += 1 }

        #expect(ledger.open == 0)
        #expect(results.count == Int(ledger.nextTag) - 1)
        #expect(results.values.allSatisfy { $0 == 1 })
    }

    struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }
}

@Suite("The broker's address")
struct AMQPAddressTests {
    @Test("is read with hosts, ports, user, password and virtual host")
    func read() throws {
        let configuration = try AMQPConfiguration(
            url: "amqps://a%40b:p%3Aw@one:1,two,[::1]:3/my%2Fhost?cacertfile=/x.pem", connectionName: "t")

        #expect(configuration.user == "a@b" && configuration.password == "p:w")
        #expect(configuration.nodes.map(\.host) == ["one", "two", "::1"])
        #expect(configuration.nodes.map(\.port) == [1, 5671, 3])
        #expect(configuration.virtualHost == "my/host" && configuration.usesTLS && configuration.authorities == "/x.pem")
    }

    @Test(
        "is refused with a sentence when it is none",
        arguments: ["", "http://x", "amqp://", "amqp://u@h/", "amqp://h:0/", "amqp://h:99999/"])
    func refused(url: String) {
        #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url, connectionName: "t") }
    }
}
