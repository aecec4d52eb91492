/// Says in a sentence why a program cannot be started, and what to do about it.
public struct LaunchError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ sentence: String) { description = sentence }
}
