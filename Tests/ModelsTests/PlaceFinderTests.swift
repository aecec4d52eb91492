import Models
import TestSupport
import Testing

@Suite("The place of a case in its text")
struct PlaceFinderTests {
    private func finder() throws -> PlaceFinder {
        var definition = TestCounty.whole()
        func region(_ code: String, _ parent: String?, _ zh: String, _ en: String, _ aliases: [String]? = nil) throws -> CountyRegion {
            CountyRegion(
                code: try RegionCode(validating: code), parent: try parent.map { try RegionCode(validating: $0) },
                name: LocalizedText(zh: zh, en: en), aliases: aliases)
        }
        definition.regions = [
            try region("county", nil, "山水县", "Shanshui"), try region("east", "county", "东河镇", "Donghe Town", ["东河"]),
            try region("west", "county", "西岭乡", "Xiling"), try region("old-bridge", "east", "老石桥村", "Old Bridge"),
            try region("bridge", "east", "石桥", "Bridge Lane"), try region("east-peace", "east", "和平村", "Heping East"),
            try region("west-peace", "west", "和平村", "Heping West"), try region("bamboo", "west", "竹园村", "Zhuyuan"),
        ]
        return PlaceFinder(try CountyIndex(definition))
    }

    @Test(
        "is what its names say, the longest first, and nothing when they disagree",
        arguments: [
            ("老石桥村的路灯不亮", "", "old-bridge"), ("石桥边的路灯不亮", "", "bridge"), ("老石桥村和石桥的路", "", "east"),
            ("路灯不亮", "东河镇的路灯不亮", "east"), ("路灯不亮", "", nil), ("东河的竹园村", "", nil), ("和平村停水", "", nil),
            ("和平村停水", "西岭乡管的", "west-peace"), ("东河镇和平村停水", "", "east-peace"), ("山水县修路", "", nil),
            ("street lamps in old bridge, donghe town", "", "old-bridge"), ("竹园村", "老石桥村来的人说", "bamboo"),
        ] as [(String, String, String?)])
    func places(title: String, narrative: String, code: String?) throws {
        #expect(try finder().find(title: title, narrative: narrative)?.region.text == code, "\(title) \(narrative)")
    }

    @Test("says which names led to it")
    func names() throws {
        #expect(try finder().find(title: "东河镇老石桥村停水", narrative: "")?.names == ["东河镇", "老石桥村"])
    }

    @Test("is looked for in any text without end")
    func adversarial() throws {
        let finder = try finder()
        for text in ["", String(repeating: "石桥", count: 300_000), String(repeating: "😀", count: 100_000), "'; DROP TABLE cases; --"] {
            _ = finder.find(title: text, narrative: text)
        }
        #expect(finder.find(title: String(repeating: "石桥", count: 300_000), narrative: "")?.region.text == "bridge")
    }
}
