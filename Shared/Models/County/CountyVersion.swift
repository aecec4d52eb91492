import Crypto
import FoundationEssentials

/// Says why a county definition cannot be read.
public struct CountyError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

extension CountyDefinition {
    /// The definition as canonical JSON: the same definition gives the same bytes on every machine.
    public func canonicalJSON() throws(CountyError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        do { return try JSONValue(parsing: Array(try encoder.encode(self))).canonical } catch {
            throw CountyError(description: "the county definition cannot be written as JSON: \(error)")
        }
    }

    /// Reads what `canonicalJSON` wrote.
    public init(canonicalJSON bytes: [UInt8]) throws(CountyError) {
        do { self = try JSONDecoder().decode(CountyDefinition.self, from: Data(bytes)) } catch {
            throw CountyError(description: "the county definition cannot be read: compile the county's files again with this version")
        }
    }

    /// The name of exactly this definition: `c-` and the first 16 hexadecimal digits of SHA-256 over its canonical JSON.
    public func version() throws(CountyError) -> String { Self.version(ofCanonicalJSON: try canonicalJSON()) }

    public static func version(ofCanonicalJSON bytes: [UInt8]) -> String {
        let digits = SHA256.hash(data: bytes).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return "c-" + digits.joined()
    }

    /// Whether a text has the form of a version.
    public static func isVersion(_ text: String) -> Bool {
        text.hasPrefix("c-") && text.utf8.count == 18 && text.utf8.dropFirst(2).allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }
}
