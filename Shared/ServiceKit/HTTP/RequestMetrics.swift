import HTTPTypes
import Metrics
import NIOConcurrencyHelpers

/// Counts requests by method, route and status, and their durations by method and route.
///
/// The route is the template, never the path, so the number of series is bounded by the program's text. Metrics are looked up
/// once and kept.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: HTTPRequest.Method
        let route: String
        let status: Int
    }

    private struct Handles {
        let requests: Counter
        let duration: Timer
    }

    private let factory: any MetricsFactory
    private let active: Meter
    private let handles = NIOLockedValueBox<[Key: Handles]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        active = Meter(label: "huiyin_http_requests_active", dimensions: [], factory: factory)
    }

    func began() { active.increment() }

    func ended(method: HTTPRequest.Method, route: String, status: Int, duration: Duration) {
        active.decrement()
        let handles = handles(for: Key(method: method, route: route, status: status))
        handles.requests.increment()
        handles.duration.record(duration: duration)
    }

    private func handles(for key: Key) -> Handles {
        handles.withLockedValue { known in
            if let found = known[key] { return found }
            let labels = [("method", key.method.rawValue), ("route", key.route)]
            let made = Handles(
                requests: Counter(
                    label: "huiyin_http_requests_total", dimensions: labels + [("status", "\(key.status)")], factory: factory),
                duration: Timer(label: "huiyin_http_request_duration_seconds", dimensions: labels, factory: factory))
            known[key] = made
            return made
        }
    }
}
