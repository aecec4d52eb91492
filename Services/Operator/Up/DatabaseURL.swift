/// Changes the user of a libpq connection string, in URL or in keyword form.
enum DatabaseURL {
    /// The same servers and database for another user.
    ///
    /// In a URL the part between `://` and `@` is replaced (several hosts may follow it), and `user` and `password` among the
    /// parameters are dropped; in keyword form the last word counts, so both are added at the end. `password` must need no
    /// quoting, as all that `up` makes.
    static func asUser(_ user: String, password: String, of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url + " user=\(user) password=\(password)" }
        var rest = url[scheme.upperBound...]
        let pathStart = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        if let at = rest[..<pathStart].lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        var parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            let kept = parts[1].split(separator: "&").filter { !$0.hasPrefix("user=") && !$0.hasPrefix("password=") }
            parts[1] = kept.joined(separator: "&")[...]
            if kept.isEmpty { parts.removeLast() }
        }
        return "\(url[..<scheme.upperBound])\(user):\(password)@\(parts.joined(separator: "?"))"
    }

    /// The address without user and password, for people to read.
    static func shown(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "a server named by keywords" }
        var rest = url[scheme.upperBound...]
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return String(rest.prefix { $0 != "?" })
    }
}
