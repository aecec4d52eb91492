import FoundationEssentials
import Models

/// A gateway for text messages in the file of ways.
enum TextWay {
    static let known = ["url", "method", "headers", "body", "secrets", "success", "never", "per-second"]

    static func read(_ fields: WayFields, _ secrets: WaySecrets) throws(WayFault) -> TextGateway {
        let named = try fields["secrets"].map { node throws(WayFault) in try self.secrets(node, secrets) } ?? [:]
        let gaps = TextGateway.fields + named.keys.sorted()
        let url = try fields.required("url")
        let template = try Self.template(url, try url.text("\"url\""), gaps, .url)
        _ = try address(url, template.filled(with: [:]))
        let method = try fields.optionalText("method") ?? (fields["body"] == nil ? "GET" : "POST")
        guard ["GET", "POST", "PUT"].contains(method) else {
            throw fields.node.fault("\"method\" is none that a gateway knows", "Write POST or GET.")
        }
        var (headers, kind): ([(name: String, value: RequestTemplate)], String) = ([], "")
        for (name, value) in try fields["headers"]?.fields("\"headers\"") ?? [] {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
                throw value.fault("\"\(name)\" is no name of a header", "Write it like Content-Type.")
            }
            let text = try value.text("the header \"\(name)\"")
            if name.lowercased() == "content-type" { kind = text.lowercased() }
            headers.append((name, try Self.template(value, text, gaps, .header)))
        }
        var gateway = TextGateway(
            method: method, url: template, headers: headers, body: nil, secrets: named, success: 200...299,
            perSecond: try fields["per-second"]?.number("\"per-second\"", 1...10_000))
        if let body = fields["body"] { gateway.body = try self.body(body, gaps, kind) }
        if let success = fields["success"] {
            let rule = try WayFields(success, "\"success\"", known: ["status", "text"])
            gateway.success = try rule["status"]?.span("\"status\"") ?? 200...299
            gateway.successText = try rule.optionalText("text")
        }
        if let never = fields["never"] {
            gateway.neverText = try WayFields(never, "\"never\"", known: ["text"]).required("text").text("\"text\"")
        }
        return gateway
    }

    /// An address of HTTP, as it is given.
    static func address(_ node: WayNode, _ text: String) throws(WayFault) -> String {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host?.isEmpty == false else {
            throw node.fault("\"url\" is no address of HTTP", "Write it like https://sms.example.org/send.")
        }
        return text
    }

    private static func template(
        _ node: WayNode, _ text: String, _ gaps: [String], _ escaping: RequestTemplate.Escaping
    ) throws(WayFault) -> RequestTemplate {
        do throws(WayFault.Reason) { return try RequestTemplate(text, fields: gaps, escaping: escaping) } catch {
            throw node.fault(error.reason, error.remedy)
        }
    }

    /// The body, whose gaps are written as its Content-Type wants it.
    private static func body(_ node: WayNode, _ gaps: [String], _ kind: String) throws(WayFault) -> RequestTemplate {
        let escapings: [(String, RequestTemplate.Escaping)] = [
            ("application/json", .json), ("application/x-www-form-urlencoded", .url), ("text/plain", .none),
        ]
        guard let escaping = escapings.first(where: { kind.hasPrefix($0.0) })?.1 else {
            throw node.fault(
                "nobody can tell how values are written into this body",
                "Add the header Content-Type: \(escapings.map(\.0).joined(separator: ", or ")).")
        }
        let template = try template(node, try node.text("\"body\""), gaps, escaping)
        if escaping == .json {
            let sample = template.filled(with: Dictionary(uniqueKeysWithValues: gaps.map { ($0, "x") }))
            do throws(JSONError) { _ = try JSONValue(parsing: Array(sample.utf8)) } catch {
                throw node.fault(
                    "the body is no JSON once its gaps are filled with words", "Put quotes around each {{…}} and look at the commas.")
            }
        }
        return template
    }

    /// Secrets by name: `token-file` or `token-variable` gives `{{token}}`.
    private static func secrets(_ node: WayNode, _ secrets: WaySecrets) throws(WayFault) -> [String: String] {
        var found: [String: String] = [:]
        for (name, value) in try node.fields("\"secrets\"") {
            let secret: (name: String, text: String)
            if name.hasSuffix("-file") {
                secret = (String(name.dropLast(5)), try secrets.read(file: value, name))
            } else if name.hasSuffix("-variable") {
                secret = (String(name.dropLast(9)), try secrets.read(variable: value, name))
            } else {
                throw value.fault(
                    "\"\(name)\" says not where the secret is", "End its name with -file or -variable: a secret never stands here.")
            }
            guard !TextGateway.fields.contains(secret.name), found.updateValue(secret.text, forKey: secret.name) == nil else {
                throw value.fault("\"\(secret.name)\" is the name of something else", "Give the secret another name.")
            }
        }
        return found
    }
}
