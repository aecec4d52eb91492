import FoundationEssentials

/// Makes random secrets from the system's generator (getrandom(2)).
enum SecretText {
    private static let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")

    /// 40 letters and digits, more than 230 bits, safe in URLs, SQL strings and shells.
    static func password() -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<40).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
    }

    /// 32 bytes in base64.
    static func key() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }).base64EncodedString()
    }
}
