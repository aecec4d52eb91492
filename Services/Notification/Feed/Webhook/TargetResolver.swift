import Glibc
import Synchronization

/// Finds the addresses of a host.
public protocol TargetResolver: Sendable {
    /// Every address; throws when the name is not known.
    func addresses(of host: String) async throws -> [NetworkAddress]
}

/// Asks the system (`getaddrinfo(3)`), on a thread of its own, since it blocks.
public struct SystemResolver: TargetResolver {
    public init() {}

    public func addresses(of host: String) async throws -> [NetworkAddress] {
        let found: [NetworkAddress] = await withCheckedContinuation { continuation in
            let question = Question(host: host, continuation: continuation)
            var thread = pthread_t()
            let box = Unmanaged.passRetained(question)
            let status = pthread_create(
                &thread, nil,
                { argument in
                    // The thread gets exactly the reference that was passed on, and no other.
                    guard let argument else { return nil }
                    Unmanaged<Question>.fromOpaque(argument).takeRetainedValue().answer()
                    return nil
                }, box.toOpaque())
            if status == 0 { pthread_detach(thread) } else { box.takeRetainedValue().resume([]) }
            // A server of names that keeps silent holds up nobody: the thread ends when it likes.
            Task {
                try? await Task.sleep(for: .seconds(5))
                question.resume([])
            }
        }
        if found.isEmpty { throw TargetRefusal("the host \(host) is not known: correct the address, or ask again when DNS answers") }
        return found
    }

    private final class Question: Sendable {
        let host: String
        private let continuation: Mutex<CheckedContinuation<[NetworkAddress], Never>?>

        init(host: String, continuation: CheckedContinuation<[NetworkAddress], Never>) {
            self.host = host
            self.continuation = Mutex(continuation)
        }

        /// The first answer counts.
        func resume(_ addresses: [NetworkAddress]) {
            continuation.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }?.resume(returning: addresses)
        }

        func answer() {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_ADDRCONFIG
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, &hints, &list) == 0 else { return resume([]) }
            defer { freeaddrinfo(list) }
            var (found, next) = ([NetworkAddress](), list)
            while let entry = next?.pointee {
                if let address = entry.ai_addr.flatMap({ Self.address($0, entry.ai_family) }), !found.contains(address) {
                    found.append(address)
                }
                next = entry.ai_next
            }
            resume(found)
        }

        private static func address(_ pointer: UnsafeMutablePointer<sockaddr>, _ family: Int32) -> NetworkAddress? {
            switch family {
            case AF_INET:
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    NetworkAddress(withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) })
                }
            case AF_INET6:
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    NetworkAddress(withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) })
                }
            default: nil
            }
        }
    }
}
