import CLibPQ

/// Where to connect to: a libpq connection string taken apart, so that its hosts can take turns.
struct ConnectionTarget {
    private let options: [(keyword: String, value: String)]

    /// Reads a URL or keywords (`PQconninfoParse`).
    init(_ url: String) throws(PostgresError) {
        var complaint: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(complaint) }
        guard let first = PQconninfoParse(url, &complaint) else {
            // libpq's own complaint quotes the string, and with it perhaps the password.
            throw PostgresError(
                .connectionFailed,
                message: "the connection string cannot be read: write postgresql://user:password@host:5432/database or host=… dbname=…")
        }
        defer { PQconninfoFree(first) }
        var options: [(String, String)] = []
        var option = first
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { options.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        self.options = options
    }

    /// The keywords and values for the attempt with this number.
    ///
    /// libpq walks over the hosts in order, but a host that accepts a connection and then says nothing uses up the whole
    /// attempt. So each attempt begins one host later than the one before.
    func keywords(attempt: Int) -> [(String, String)] {
        let lists = ["host", "hostaddr", "port"]
        let count = options.filter { lists.contains($0.keyword) }.map { Self.items($0.value).count }.max() ?? 1
        return options.map { option in
            let items = Self.items(option.value)
            // A single port stands for all hosts.
            guard lists.contains(option.keyword), items.count == count, count > 1 else { return option }
            let shift = attempt % count
            return (option.keyword, (items[shift...] + items[..<shift]).joined(separator: ","))
        }
    }

    private static func items(_ list: String) -> [Substring] { list.split(separator: ",", omittingEmptySubsequences: false) }
}
