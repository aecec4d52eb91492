import Models
import Testing

@Suite("Events on the wire")
struct EventWireTests {
    private func event(_ sequence: Int64, data: String = #"{"a":"é𠮷","b":[1,{"c":null}]}"#) -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 1, low: UInt64(sequence))), source: .deadline, subject: Subject(UniqueID(high: 2, low: 3)),
            type: "clock.started", version: 2, time: Instant(microseconds: 1_764_000_000_123_456), sequence: sequence,
            after: SourcePositions(intake: 3, routing: 1), county: "c-1", traceparent: "00-a-b-01", data: Array(data.utf8))
    }

    @Test("are read as they were written, data to the byte")
    func roundTrip() throws {
        let events = (1...300).map { event(Int64($0)) }

        let bundles = EventBundle.pack(events)
        let read = try bundles.flatMap { try EventBundle.unpack($0) }

        #expect(bundles.count == 3)
        #expect(read == events.map { .event($0) })
    }

    @Test("do not spoil each other when one is none")
    func badNeighbour() throws {
        var bundle = Array("[".utf8)
        event(1).write(into: &bundle)
        bundle += Array(#",{"id":"nonsense"},"#.utf8)
        event(2).write(into: &bundle)
        bundle += Array("]".utf8)

        let read = try EventBundle.unpack(bundle)

        #expect(read.count == 3)
        guard case .undecodable(let bytes, let reason) = read[1] else { return #expect(Bool(false)) }
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"id":"nonsense"}"#)
        #expect(reason.contains("specversion"))
    }

    @Test("are refused, never crashing, for any cut or changed byte")
    func mutations() {
        let wire = event(1).wire
        for index in wire.indices {
            var changed = wire
            changed[index] ^= 0x15
            _ = try? CaseEvent(wire: changed)
            _ = try? CaseEvent(wire: Array(wire[..<index]))
        }
    }

    @Test(
        "refuse what PostgreSQL cannot store or readers may understand differently",
        arguments: [
            #"{"a":"\u0000"}"#, #"{"a":1,"a":2}"#, #"{"a":"\ud800"}"#, "{\"a\":\"\u{1}\"}", "[01]", "[1.]", "[+1]", "{'a':1}", "[1,]",
            "{}x", "",
            #"["\x"]"#, "nul", "[1e999]",
        ])
    func refusals(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test("refuse bytes that are not UTF-8 and depths that could break a reader")
    func depth() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(String(repeating: "[", count: 100_000).utf8)) }
        #expect(throws: Never.self) {
            try JSONValue(parsing: Array((String(repeating: "[", count: 60) + String(repeating: "]", count: 60)).utf8))
        }
    }

    @Test("have one canonical spelling")
    func canonical() throws {
        let value = try JSONValue(parsing: Array(" { \"b\" : [ 1 , -2.5 , \"\\u00e9\\n\\/\" ] , \"a\" : { } } ".utf8))

        #expect(value.text == #"{"a":{},"b":[1,-2.5,"é\n/"]}"#)
        #expect(try JSONValue(parsing: value.canonical) == value)
    }

    @Test("order names by their UTF-16, also where their code points stand the other way round")
    func order() throws {
        let scalars: [Unicode.Scalar] = [
            "a", "b", "~", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{10000}", "😀", "\u{10FFFF}",
        ]
        let names = [""] + scalars.map { String($0) } + scalars.flatMap { first in scalars.map { String(first) + String($0) } }
        for left in names {
            for right in names where left.utf16.lexicographicallyPrecedes(right.utf16) {
                let spelled = JSONValue.object([right: .null, left: .null]).canonical

                let expected = JSONValue.string(left).text + ":null," + JSONValue.string(right).text + ":null"
                #expect(spelled == Array("{\(expected)}".utf8))
            }
        }
    }
}

@Suite("Numbers and receipts")
struct ReceiptTests {
    @Test("catch every wrong digit of a case number")
    func caseNumbers() throws {
        let date = try #require(LocalDate(year: 2026, month: 11, day: 24))
        let number = CaseNumber.make(date: date, serial: 1234)

        #expect(CaseNumber.isWellFormed(number))
        for (index, character) in number.enumerated() where character.isNumber && index < number.count - 2 {
            for digit in "0123456789" where digit != character {
                var changed = Array(number)
                changed[index] = digit
                #expect(!CaseNumber.isWellFormed(String(changed)))
            }
        }
    }

    @Test("show any change of a receipt, and open a seal only unchanged")
    func receipts() throws {
        let signer = try #require(ReceiptSigner(seed: [UInt8](repeating: 3, count: 32)))
        let seal = try #require(SealKey(secret: [UInt8](repeating: 4, count: 32)))
        let other = try #require(SealKey(secret: [UInt8](repeating: 5, count: 32)))
        let contact = PetitionerContact(name: "甲", phone: "1", code: "C")
        let sealed = try seal.seal(contact)

        let receipt = try Receipt.issue(
            id: CaseID(UniqueID(high: 1, low: 2)), number: "n", code: "c", registered: Instant(microseconds: 5), county: "x", signer: signer
        )

        #expect(receipt.signature.count == 88)
        #expect(try seal.open(sealed, as: PetitionerContact.self) == contact)
        #expect(!sealed.text.contains("甲"))
        #expect(throws: SealError.self) { try other.open(sealed, as: PetitionerContact.self) }
        #expect(seal.hash("a", "bc") != seal.hash("ab", "c"))
    }
}
