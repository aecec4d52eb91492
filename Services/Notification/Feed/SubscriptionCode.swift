import Models

/// The name that an operator gives to a department's subscription: it stands in addresses, queues and logs.
public struct SubscriptionCode: Code {
    public static let noun = "subscription code"
    public let text: String

    public init(validated text: String) { self.text = text }
}
