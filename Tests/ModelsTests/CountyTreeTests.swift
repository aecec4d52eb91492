import Models
import TestModels
import Testing

@Suite struct CountyTreeTests {
    private func tree(_ pairs: [(String, String?)]) throws -> CodeTree<UnitCode> {
        try CodeTree(pairs.map { (try UnitCode(validating: $0.0), try $0.1.map { try UnitCode(validating: $0) }) })
    }

    @Test("The tree knows who is above and below, whatever the order of the list")
    func knows() throws {
        let tree = try tree([("c", "b"), ("a", nil), ("d", "a"), ("b", "a")])
        let (a, b, c, d) = (
            try UnitCode(validating: "a"), try UnitCode(validating: "b"), try UnitCode(validating: "c"), try UnitCode(validating: "d")
        )

        #expect(tree.lineage(of: c) == [c, b, a])
        #expect(Set(tree.subtree(of: a)) == [a, b, c, d] && tree.subtree(of: b) == [b, c])
        #expect(tree.isWithin(c, a) && tree.isWithin(c, c) && !tree.isWithin(a, c) && !tree.isWithin(c, d))
        #expect(tree.commonSuperior(of: c, and: d) == a && tree.commonSuperior(of: c, and: b) == b)
        #expect(tree.parent(of: a) == nil && tree.parent(of: c) == b)
    }

    @Test("Circles, unknown parents and repeated codes are refused with the code in question")
    func refuses() {
        for (pairs, word) in [
            ([("a", nil), ("b", "c"), ("c", "b")], "below itself"), ([("a", "x")], "no such"), ([("a", nil), ("a", nil)], "twice"),
            ([("a", "a")], "below itself"),
        ] as [([(String, String?)], String)] {
            let error = #expect(throws: CountyError.self) { try tree(pairs) }
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test("In random trees, being within agrees with walking up")
    func agrees() throws {
        var numbers = SeededRandom(seed: 5)
        let pairs = (0..<300).map { ("n\($0)", $0 == 0 ? nil : "n\(Int.random(in: 0..<$0, using: &numbers))") }.shuffled(using: &numbers)
        let tree = try tree(pairs)
        for (name, _) in pairs {
            let code = try UnitCode(validating: name)
            let above = Set(tree.lineage(of: code))
            for (other, _) in pairs {
                let top = try UnitCode(validating: other)
                if tree.isWithin(code, top) != above.contains(top) { Issue.record("\(code) within \(top)") }
            }
        }
    }

    @Test("A chain of a hundred thousand units does not exhaust the stack")
    func deep() throws {
        let tree = try tree((0..<100_000).map { ("n\($0)", $0 == 0 ? nil : "n\($0 - 1)") })

        #expect(tree.isWithin(try UnitCode(validating: "n99999"), try UnitCode(validating: "n0")))
    }
}
