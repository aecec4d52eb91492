/// What `up` says when the house is ready: where it is and three things to try.
enum Welcome {
    /// A case as a petitioner would write it.
    private static let example = """
        {"kind":"help","title":"The street lamp at the bridge is out","narrative":"It has been dark since Monday.",\
        "petitioners":[{"name":"Li Hua","phone":"13800000000"}]}
        """

    static func lines(folder: HouseFolder, settings: HouseSettings, servers: HouseServers) -> [String] {
        func url(_ service: String) -> String { "http://127.0.0.1:\(settings.ports[service] ?? 0)" }
        var rows = HouseSettings.services.map { ["  \($0)", url($0)] }
        rows.append(["  postgresql", servers.databaseAddress])
        rows.append(["  rabbitmq", DatabaseURL.shown(servers.brokerURL)])
        rows.append(["  passwords and keys", folder.settingsFile])
        rows.append(["  staff tokens", "./huiyin token issue --person NUMBER --role officer --unit UNIT"])
        rows.append(["  logs", folder.logFolder])
        return ["", "Huiyin is ready."] + Console.table(rows) + [
            "",
            "Three things to try:",
            "  1. Register a case and get its receipt:",
            "     curl -s \(url("intake"))/v1/cases -H 'Content-Type: application/json' -d '\(example)'",
            "  2. See who has it and until when, with the number of the receipt:    ./huiyin case show NUMBER",
            "  3. Register every line of a table, then check every promise:         ./huiyin import FILE.csv && ./huiyin check",
            "",
        ]
    }
}
