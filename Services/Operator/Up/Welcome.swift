/// What `up` says when the house is ready: where it is and three things to try.
enum Welcome {
    static func lines(folder: HouseFolder, settings: HouseSettings, servers: HouseServers) -> [String] {
        func url(_ service: String) -> String { "http://127.0.0.1:\(settings.ports[service] ?? 0)" }
        var rows = HouseSettings.services.map { ["  \($0)", url($0)] }
        rows.append(["  postgresql", DatabaseURL.shown(servers.databaseURL)])
        rows.append(["  rabbitmq", DatabaseURL.shown(servers.brokerURL)])
        rows.append(["  passwords and keys", folder.settingsFile])
        rows.append(["  logs", folder.logFolder])
        return ["", "Huiyin is ready."] + Console.table(rows) + [
            "",
            "Three things to try:",
            "  1. Register a case and get its receipt:",
            "     curl -s \(url("intake"))/v1/cases -H 'Content-Type: application/json' \\",
            "       -d '{\"kind\":\"help\",\"channel\":\"web\",\"title\":\"The street lamp is out\",\"narrative\":\"It has been dark at the bridge since Monday.\",\"petitioners\":[{\"name\":\"Li\"}]}'",
            "  2. Import messages from a table:  ./huiyin import FILE.csv --wait",
            "  3. Look at cases, then check the promise:  ./huiyin case list; ./huiyin check",
            "",
        ]
    }
}
