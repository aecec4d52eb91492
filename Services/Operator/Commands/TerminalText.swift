import ServiceKit

extension String {
    /// The text with every treacherous character escaped, as JSON does.
    ///
    /// Whoever registers a case chooses its title: on the operator's terminal it must be nothing but text.
    var shown: String {
        guard unicodeScalars.contains(where: TextEscaping.isTreacherous) else { return self }
        var safe: [UInt8] = []
        for scalar in unicodeScalars {
            if TextEscaping.isTreacherous(scalar) {
                TextEscaping.appendEscape(scalar, to: &safe)
            } else {
                safe.append(contentsOf: String(scalar).utf8)
            }
        }
        return String(decoding: safe, as: UTF8.self)
    }
}
