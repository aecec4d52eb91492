public import HTTPTypes
public import Hummingbird
public import Models

/// The router of a service: knows every path and its methods, so that a wrong method is told from an unknown path.
///
/// Routes are added with Hummingbird's own words: `get`, `post`, `group` and so on.
public final class ServiceRouter: RouterMethods {
    public typealias Context = ServiceRequestContext

    private let router: Router<ServiceRequestContext>
    private let operatorToken: OperatorToken?
    private let staffKeys: StaffKeys?
    private var methods: [String: (path: RouterPath, methods: Set<HTTPRequest.Method>)] = [:]

    init(translate: @escaping @Sendable (any Error) -> Problem?, operatorToken: OperatorToken?, staffKeys: StaffKeys?) {
        router = Router(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
        self.operatorToken = operatorToken
        self.staffKeys = staffKeys
        router.add(middleware: ProblemAnswers(translate: translate))
        router.add(middleware: BodyLimit())
    }

    /// Routes that only the operator's token or a staff token opens; `context.staff` says who asks.
    ///
    /// With `roles`, others are answered with 403. The operator's token counts as the role administrator. With `takesPasswords` the token
    /// may come as the password of HTTP's Basic scheme as well, for programs that know no other.
    public func staffGroup(
        _ path: RouterPath = "", roles: Set<Role>? = nil, takesPasswords: Bool = false
    ) -> RouterGroup<ServiceRequestContext> {
        group(path).add(
            middleware: StaffGate(token: operatorToken, keys: staffKeys, roles: roles, takesPasswords: takesPasswords))
    }

    /// Routes for everybody, which know staff when they see them.
    ///
    /// Without the header Authorization `context.staff` is nil; with one that is not valid the answer is 401.
    public func optionalStaffGroup(_ path: RouterPath = "") -> RouterGroup<ServiceRequestContext> {
        group(path).add(middleware: StaffGate(token: operatorToken, keys: staffKeys, isOptional: true))
    }

    @discardableResult
    public func on<Responder: HTTPResponder>(_ path: RouterPath, method: HTTPRequest.Method, responder: Responder) -> Self
    where Responder.Context == ServiceRequestContext {
        methods[path.description, default: (path, [])].methods.insert(method)
        router.on(path, method: method, responder: responder)
        return self
    }

    @discardableResult
    public func add(middleware: any MiddlewareProtocol<Request, Response, ServiceRequestContext>) -> Self {
        router.add(middleware: middleware)
        return self
    }

    /// Every path with each of its methods; HEAD goes with GET and is not listed.
    var routes: [ServiceRoute] {
        methods.flatMap { path, known in known.methods.map { ServiceRoute(path: path, method: $0) } }
    }

    /// Closes the router: every known path answers every method it does not have with 405 and the methods it has.
    func build() -> RouterResponder<ServiceRequestContext> {
        for (path, known) in methods.values {
            var allowed = known
            if allowed.contains(.get) { allowed.insert(.head) }
            let list = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.commonMethods where !allowed.contains(method) {
                router.on(
                    path, method: method,
                    responder: CallbackResponder { request, _ in
                        throw Problem(
                            .methodNotAllowed, detail: "\(request.method.rawValue) is not allowed here: use \(list).",
                            headers: [.allow: list])
                    })
            }
        }
        return router.buildResponder()
    }

    /// The methods that are told apart; any other is answered with 501 before the router is asked.
    static let commonMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
