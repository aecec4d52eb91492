import FoundationEssentials
import Models
import PrivateServers
import ServiceKit
import TestSupport
import Testing

/// Signs staff tokens with the house's own key, where the operator's tool would take too long for so many people.
struct HouseSigner: Sendable {
    private let signer: StaffSigner

    fileprivate init(_ signer: StaffSigner) { self.signer = signer }

    func token(
        _ person: PersonCode, _ role: Role, _ unit: UnitCode, identifier: String, before: Duration = .zero
    ) async throws -> String {
        try await signer.sign(
            try #require(
                StaffToken(
                    person: person, role: role, unit: unit, issued: SystemTime.now - before, lasting: .seconds(7200),
                    identifier: identifier)))
    }
}

extension RunningHouse {
    func signer() throws -> HouseSigner {
        let folder = directory.path + "/.huiyin/staff-keys/private"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".json") })
        return HouseSigner(try #require(StaffSigner(try JSONValue(parsing: FileTree.read("\(folder)/\(name)") ?? []))))
    }

    /// The notices of a case that were written, as template and recipient.
    func notices(of number: String) -> [String] {
        let folder = directory.path + "/.huiyin/notices"
        let days = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = days.flatMap { day in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(day)")) ?? []).map { "\(folder)/\(day)/\($0)" }
        }
        return files.filter { $0.contains("/\(number)-") && $0.hasSuffix(".json") }.compactMap { path in
            guard let letter = try? JSONValue(parsing: FileTree.read(path) ?? []), let template = letter["template"]?.string,
                let recipient = letter["recipient"]?.string
            else { return nil }
            return "\(template) \(recipient)"
        }
    }
}
