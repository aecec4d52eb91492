import ArgumentParser

/// Writes what the services remember anew, from the ledger.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Write what the services remember of each case anew, from the ledger.",
        discussion: "`migrate` does it by itself when a new version remembers in another form. Run `check` afterwards.")

    func run() async throws {
        let (written, left) = try await DeadCommand.withDatabase { client in
            let meter = ProgressMeter(quiet: false)
            defer { meter.end() }
            return try await StateRebuild(client: client).run { meter.show("rebuilding", $0, of: nil) }
        }
        print("\(written) cases were written anew from the ledger")
        if left > 0 {
            print("\(left) cases are being worked on and were left: run it again when `./huiyin status` shows nothing waiting")
            throw ExitCode(1)
        }
    }
}
