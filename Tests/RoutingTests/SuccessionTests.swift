import HTTPTypes
import Models
import ServiceKit
import TestSupport
import Testing

@testable import Routing

@Suite("A unit's cases move only where the county in force says")
struct SuccessionTests {
    private func status(_ from: UnitCode, _ to: UnitCode, merged: Bool) throws -> Int? {
        let county = try CountyIndex(TestCounty.whole(merged: merged))
        do throws(Problem) {
            try Succession.check(from: from, to: to, in: county)
            return nil
        } catch { return error.status.code }
    }

    @Test("It waits for a definition in which the unit has ended, and refuses any unit but the successor")
    func check() throws {
        #expect(try status(TestCounty.roads, TestCounty.works, merged: false) == 503)
        #expect(try status(TestCounty.roads, TestCounty.works, merged: true) == nil)
        #expect(try status(TestCounty.roads, TestCounty.desk, merged: true) == 409)
        #expect(try status(TestCounty.works, TestCounty.desk, merged: true) == 503)
    }
}
