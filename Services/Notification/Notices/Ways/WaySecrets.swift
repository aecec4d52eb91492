import FoundationEssentials

/// Reads the secrets that the file of ways names: from other files or from the environment, since they never stand in it.
struct WaySecrets: Sendable {
    let environment: [String: String]

    /// The secret that `fields` name as `name-file` or `name-variable`; nil when they name neither.
    func secret(_ name: String, in fields: WayFields) throws(WayFault) -> String? {
        switch (fields["\(name)-file"], fields["\(name)-variable"]) {
        case (nil, nil): return nil
        case (let file?, nil): return try read(file: file, "\(name)-file")
        case (nil, let variable?): return try read(variable: variable, "\(name)-variable")
        case (let file?, _?): throw file.fault("\"\(name)-file\" and \"\(name)-variable\" both stand there", "Keep one of them.")
        }
    }

    func read(file node: WayNode, _ what: String) throws(WayFault) -> String {
        let path = try node.path("\"\(what)\"")
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 65_536 else {
            throw node.fault("the file that \"\(what)\" names cannot be read", "Create it, readable by the service's user.")
        }
        // One line end, however it is written, belongs to the file and not to the secret.
        var line = Array(bytes)
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let secret = String(decoding: line, as: UTF8.self)
        guard !secret.isEmpty else { throw node.fault("the file that \"\(what)\" names is empty", "Write the secret into it.") }
        return secret
    }

    func read(variable node: WayNode, _ what: String) throws(WayFault) -> String {
        guard let secret = environment[try node.text("\"\(what)\"")], !secret.isEmpty else {
            throw node.fault("the environment variable that \"\(what)\" names is not set", "Set it for notification.")
        }
        return secret
    }
}
