import Foundation
import Models
import Operator
import Testing

/// The county that the repository ships.
enum SampleCounty {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("deploy/county").path

    static func definition() throws -> CountyDefinition { try CountyCompiler.compile(directory: directory).get() }
}

@Suite struct CountyFilesSampleTests {
    @Test("The sample county compiles without a mistake")
    func compiles() throws {
        let definition = try SampleCounty.definition()

        let index = try CountyIndex(definition)
        #expect(definition.code.text == "chengxi")
        #expect(definition.units.filter { $0.kind == .township }.count == 8)
        #expect(definition.topics.count == 12 * (1 + 4 * (1 + 3)))
        #expect(index.version.hasPrefix("c-") && index.version.utf8.count == 18)
    }
}
