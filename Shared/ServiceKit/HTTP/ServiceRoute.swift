import HTTPTypes

/// A path of a service, as a template such as `/v1/cases/{id}`, and one method that it answers.
struct ServiceRoute: Hashable, Sendable {
    let path: String
    let method: HTTPRequest.Method
}
