import Foundation
import Models
import Operator

/// A directory of county files that exists as long as a test needs it.
struct CountyFilesFixture {
    var files: [String: String]

    /// A county as small as one can be, without a mistake.
    static let smallest = CountyFilesFixture(files: [
        "county.yaml": """
        code: tiny
        name: {zh: 小县, en: Tiny}
        time-zone: Asia/Shanghai
        working-hours: ["09:00-12:00", "13:00-17:00"]
        dispatch-desk: desk
        standby-desk: edu
        """,
        "units.yaml": """
        units:
          - {code: county, kind: county, name: {zh: 县, en: County}}
          - {code: desk, parent: county, kind: desk, name: {zh: 岗, en: Desk}}
          - {code: edu, parent: county, kind: bureau, name: {zh: 教育局, en: Education}}
          - {code: north, parent: county, kind: township, region: r-north, name: {zh: 北乡, en: North}}
        """,
        "regions.yaml": """
        regions:
          - {code: r, name: {zh: 县, en: County}}
          - {code: r-north, parent: r, name: {zh: 北乡, en: North}}
        """,
        "topics.yaml": """
        topics:
          - code: school
            name: {zh: 教育, en: School}
            topics:
              - code: school-fees
                name: {zh: 收费, en: Fees}
        """,
        "rules.yaml": """
        rules:
          - id: school
            reason: {zh: 教育, en: school}
            when:
              topics: [school]
              any: [学校, 老师]
            then: {unit: edu, pack: base}
        """,
        "packs/base.yaml": """
        code: base
        name: {zh: 规则, en: Rules}
        citation: {zh: 条例, en: Regulation}
        ladder:
          warnings: [50, 99]
          warned: [officer]
          at-due: [unit-head]
          after-due:
            - {after: 1 workday, audience: [supervisor]}
        clocks:
          - name: dispose
            title: {zh: 受理, en: disposal}
            from: case.registered
            term: 15 days
            citation: {zh: 第二十二条, en: Article 22}
            ends-with: [case.accepted]
          - name: handle
            title: {zh: 办理, en: handling}
            from: case.accepted
            term: 60 days
            citation: {zh: 第三十四条, en: Article 34}
            ends-with: [case.answered]
          - name: review
            title: {zh: 复查, en: review}
            from: review.requested
            term: 30 days
            citation: {zh: 第三十五条, en: Article 35}
            ends-with: [review.answered]
          - name: final-review
            title: {zh: 复核, en: final review}
            from: final-review.requested
            term: 30 days
            citation: {zh: 第三十六条, en: Article 36}
            ends-with: [final-review.answered]
        """,
        "calendars/2026.yaml": """
        year: 2026
        published: true
        notice: 通知
        holidays:
          - {name: {zh: 元旦, en: New Year}, days: 2026-01-01..2026-01-03}
          - {name: {zh: 清明节, en: Qingming}, days: 2026-04-04..2026-04-06}
        make-up: [2026-01-04]
        """,
        "templates/receipt.yaml": template("receipt"),
        "templates/assigned.yaml": template("assigned"),
        "templates/warned.yaml": template("warned"),
        "templates/passed.yaml": template("passed"),
        "templates/heating.yaml": """
        id: heating
        texts:
          - {language: zh, subject: "{{title}}", body: "{{count}}"}
        """,
    ])

    static func template(_ id: String) -> String {
        """
        id: \(id)
        texts:
          - language: zh
            subject: "{{caseNumber}}"
            body: |
              {{title}}
              {{#county}}{{county}}{{/county}}
          - language: en
            subject: "{{caseNumber}}"
            body: |
              {{title}}
        """
    }

    /// The same county with another spelling somewhere in a file.
    func replacing(_ old: String, in file: String, with new: String) throws -> CountyFilesFixture {
        guard let text = files[file], text.contains(old) else { throw FixtureError(text: "\(file) lacks \(old)") }
        var other = self
        other.files[file] = text.replacing(old, with: new, maxReplacements: 1)
        return other
    }

    struct FixtureError: Error {
        var text: String
    }

    /// Writes the files, compiles them and removes them again.
    func compile(change: (URL) throws -> Void = { _ in }) throws -> Result<CountyDefinition, CountyMistakes> {
        try compileWithRemarks(change: change).result
    }

    /// The same, with what is no mistake but may be meant otherwise.
    func compileWithRemarks(
        change: (URL) throws -> Void = { _ in }
    ) throws -> (result: Result<CountyDefinition, CountyMistakes>, remarks: [CountyMistake]) {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("county-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, text) in files {
            let path = directory.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        try change(directory)
        return CountyCompiler.compileWithRemarks(directory: directory.path)
    }

    /// The mistakes that compiling finds.
    func mistakes(change: (URL) throws -> Void = { _ in }) throws -> [CountyMistake] {
        switch try compile(change: change) {
        case .success: []
        case .failure(let mistakes): mistakes.list
        }
    }
}
