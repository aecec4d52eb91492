import Models
import Synchronization
import TestSupport
import Testing

@testable import Intake

@Suite("What units are called")
struct UnitNamesTests {
    @Test("is read once for each county version")
    func once() async {
        let asked = Mutex<[String]>([])
        let names = UnitNames { version in
            asked.withLock { $0.append(version) }
            return version == "c-none" ? nil : TestCounty.definition(revised: version == "c-2")
        }

        for _ in 0..<3 {
            #expect(await names.name(of: TestCounty.roads, in: "c-1")?.en == "roads")
            #expect(await names.name(of: UnitCode(validated: "elsewhere"), in: "c-1") == nil)
        }
        #expect(await names.name(of: TestCounty.roads, in: "c-2")?.en == "roads")
        #expect(await names.name(of: TestCounty.roads, in: "c-none") == nil)

        #expect(asked.withLock { $0 } == ["c-1", "c-2", "c-none"])
    }

    @Test("is asked for again after the database was away")
    func failure() async {
        struct Away: Error {}
        let tries = Mutex(0)
        let names = UnitNames { _ in
            if tries.withLock({
                $0 += 1; return $0
            }) == 1 {
                throw Away()
            }
            return TestCounty.definition()
        }

        #expect(await names.name(of: TestCounty.roads, in: "c-1") == nil)
        #expect(await names.name(of: TestCounty.roads, in: "c-1")?.en == "roads")
    }
}
