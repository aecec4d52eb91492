import FoundationEssentials
import PrivateServers
import ServiceKit

/// Describes how the four services are launched: program, environment and address.
struct ServiceLaunch: Sendable {
    let folder: HouseFolder
    let settings: HouseSettings
    let servers: HouseServers
    /// The folder that holds `huiyin-intake` and the other programs.
    let programs: String
    /// The environment of `up`; its other `HUIYIN_…` variables are handed on, so that a service can be tuned.
    let environment: [String: String]

    /// The process number `number` (from 1) of a service.
    ///
    /// The first listens on its lasting port, the others on free ones.
    func spec(service: String, number: Int) -> ChildSpec {
        let name = Replicas.name(service, number)
        let readyFile = folder.readyFile(name)
        return ChildSpec(
            name: name,
            plan: {
                PrivateFile.remove(readyFile)
                return plan(service: service, name: name, port: number == 1 ? settings.ports[service] ?? 0 : 0)
            },
            address: {
                guard let bytes = (try? PrivateFile.read(readyFile)).flatMap({ $0 }) else { return nil }
                let address = String(decoding: bytes, as: UTF8.self).trimmingSuffix()
                guard let answer = await Loopback(address)?.get("/readyz"), answer.status == 200 else { return nil }
                return address
            },
            stopLimit: Self.stopLimit(environment))
    }

    /// What the services keep to themselves when they are told nothing else.
    private static let shutdownLimit = "8s"

    /// How long a service has from the stop signal to its end: what it is told, and two seconds for ending.
    ///
    /// A limit that the services do not understand ends them at their start, with a sentence.
    static func stopLimit(_ environment: [String: String]) -> Duration {
        let text = environment["HUIYIN_SHUTDOWN_LIMIT"] ?? ""
        let reader = SettingsReader(environment: ["HUIYIN_SHUTDOWN_LIMIT": text.isEmpty ? shutdownLimit : text])
        return ((try? reader.value(Setting.shutdownLimit)) ?? .zero) + .seconds(2)
    }

    /// Secrets go through the environment only, which other users cannot read; a command line they can.
    func plan(service: String, name: String, port: UInt16) -> LaunchPlan {
        var variables = environment.filter { $0.key.hasPrefix("HUIYIN_") && !Self.kept.contains($0.key) }
        let role = "huiyin_\(service)"
        variables["HUIYIN_DATABASE_URL"] = DatabaseURL.asUser(
            role, password: settings.rolePasswords[role] ?? "", of: servers.databaseURL)
        variables["HUIYIN_BROKER_URL"] = servers.brokerURL
        variables["HUIYIN_LISTEN"] = "127.0.0.1:\(port)"
        variables["HUIYIN_READY_FILE"] = folder.readyFile(name)
        variables["HUIYIN_OPERATOR_TOKEN"] = settings.operatorToken
        variables["HUIYIN_STAFF_KEYS"] = StaffKeyFolder(path: folder.staffKeysFolder).publicFile
        if variables["HUIYIN_SHUTDOWN_LIMIT"]?.isEmpty != false { variables["HUIYIN_SHUTDOWN_LIMIT"] = Self.shutdownLimit }
        variables[Orphans.variable] = settings.mark
        switch service {
        case "intake":
            variables["HUIYIN_RECEIPT_KEY"] = settings.receiptKey
            addSealKeys(to: &variables)
        case "notification":
            addSealKeys(to: &variables)
            variables["HUIYIN_BROKER_MANAGEMENT_URL"] = servers.managementURL
            variables["HUIYIN_NOTICES_DIRECTORY"] = environment["HUIYIN_NOTICES_DIRECTORY"] ?? folder.noticesFolder
        default: break
        }
        for name in ["PATH", "TZ", "LANG", "LC_ALL"] { variables[name] = environment[name] }
        return LaunchPlan(
            executable: "\(programs)/huiyin-\(service)", environment: variables, directory: folder.home, logFile: folder.logFile(name))
    }

    /// The keys that `keys rotate` changes while the house runs are read anew for each process.
    private func addSealKeys(to variables: inout [String: String]) {
        let now = (try? HouseSettings.load(from: folder)).flatMap { $0 } ?? settings
        variables["HUIYIN_SEAL_KEY"] = now.sealKey
        variables["HUIYIN_SEAL_KEYS_OLD"] = now.openingKeys
    }

    /// What `up` decides itself, or what is none of a service's business.
    private static let kept: Set<String> = [
        "HUIYIN_HOME", "HUIYIN_BIN", "HUIYIN_DATABASE_URL", "HUIYIN_BROKER_URL", "HUIYIN_LISTEN", "HUIYIN_READY_FILE",
        "HUIYIN_OPERATOR_TOKEN", "HUIYIN_SEAL_KEY", "HUIYIN_SEAL_KEYS_OLD", "HUIYIN_RECEIPT_KEY", "HUIYIN_INTAKE_URL", "HUIYIN_ROUTING_URL",
        "HUIYIN_DEADLINE_URL", "HUIYIN_NOTIFICATION_URL", "HUIYIN_NOTICES_DIRECTORY", "HUIYIN_SERVICE_PASSWORD",
        "HUIYIN_STAFF_KEYS", "HUIYIN_STAFF_KEY_FOLDER",
    ]
}
