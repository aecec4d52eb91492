import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Asks an address whether it answers 200, for health checks of containers.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Exit with 0 when an address answers 200 within three seconds.")

    @Argument(help: "The address, such as http://127.0.0.1:7101/readyz.") var url: String

    func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let status = try? await client.execute(HTTPClientRequest(url: url), timeout: .seconds(3)).status.code
        try? await client.shutdown()
        guard status == 200 else { throw CommandFailure("\(url) \(status.map { "answers \($0)" } ?? "gives no answer")") }
    }
}
