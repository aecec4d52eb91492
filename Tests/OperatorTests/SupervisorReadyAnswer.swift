import Foundation
import Glibc
import PrivateServers
import Synchronization

@testable import Operator

/// A server on loopback that answers every question with `200`, in place of the services that the house would start.
final class SupervisorReadyAnswer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isStopped = Atomic(false)

    init?() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard let port = try? LoopbackPort.bind(descriptor), listen(descriptor, 64) == 0 else { return nil }
        self.port = port
    }

    /// Answers until `stop`, on a thread of its own.
    func serve() async {
        await withCheckedContinuation { stopped in
            let thread = Thread { [self] in
                answerAll()
                stopped.resume()
            }
            thread.start()
        }
    }

    private func answerAll() {
        let answer = Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"version\":\"0.0.1\"}".utf8)
        var question = [UInt8](repeating: 0, count: 4096)
        while !isStopped.load(ordering: .relaxed) {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 50) > 0 else { continue }
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { continue }
            _ = recv(connection, &question, question.count, 0)
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
        close(descriptor)
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }
}
