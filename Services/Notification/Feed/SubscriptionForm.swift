import Models
import ServiceKit

/// The body of `POST /v1/subscriptions`.
struct SubscriptionForm {
    /// Where a subscription begins.
    enum Start: String, CaseIterable, Sendable {
        /// With what happens from now on.
        case now
        /// With the first entry that the feed has.
        case beginning
    }

    let code: SubscriptionCode
    let unit: UnitCode
    let definition: SubscriptionDefinition
    let start: Start

    /// Every fault is named, not only the first; units, topics and regions are those of `county`.
    init(_ body: [UInt8], in county: CountyIndex?) throws(Problem) {
        var form = try FormReader(body: body)
        let code: SubscriptionCode? = form.requiredCode("code")
        let unit: UnitCode? = form.requiredCode("unit")
        let kind: SubscriptionDefinition.Kind? = form.choice("kind", default: nil)
        let url = form.text("url", longest: 2000, isRequired: false)
        let way: SubscriptionDefinition.Form? = form.optionalChoice("form")
        let room = form.integer("room", in: 100...1_000_000, isRequired: false)
        let start: Start = form.choice("start", default: .now) ?? .now
        var filter = FeedFilter()
        if var asked = form.object("filter") {
            filter.types = Self.types(&asked)
            filter.topics = Self.named(asked.codes("topics"))
            filter.regions = Self.named(asked.codes("regions"))
            filter.units = Self.named(asked.codes("units"))
            filter.kinds = Self.kinds(&asked)
            form.add(asked.finish())
        }
        if let county {
            if let unit, county.unit(unit) == nil { form.fault("/unit", "the county has no unit \(unit)") }
            for (index, unit) in (filter.units ?? []).enumerated() where county.unit(unit) == nil {
                form.fault("/filter/units/\(index)", "the county has no unit \(unit)")
            }
            for (index, topic) in (filter.topics ?? []).enumerated() where county.topic(topic) == nil {
                form.fault("/filter/topics/\(index)", "the county has no topic \(topic)")
            }
            for (index, region) in (filter.regions ?? []).enumerated() where county.region(region) == nil {
                form.fault("/filter/regions/\(index)", "the county has no region \(region)")
            }
        }
        if kind == .webhook {
            if let url {
                do { _ = try WebhookTarget(url) } catch { form.fault("/url", "\(error)") }
            } else {
                form.fault("/url", "url is missing; it is the address that events are posted to")
            }
        } else {
            if url != nil { form.fault("/url", "only a webhook has a url; leave it out") }
            if way != nil { form.fault("/form", "only a webhook has a form; leave it out") }
        }
        if kind != .amqp, room != nil { form.fault("/room", "only a queue has room; leave it out") }
        try form.finish().check()
        // Without a fault all three are there.
        guard let code, let unit, let kind else { throw Problem(.invalidContent, detail: "code, unit and kind are needed.") }
        self.code = code
        self.unit = unit
        self.start = start
        definition = SubscriptionDefinition(
            kind: kind, filter: filter, url: url, form: kind == .webhook ? way ?? .structured : nil,
            room: kind == .amqp ? room ?? QueueDelivery.standardRoom : nil)
    }

    private static func types(_ form: inout FormReader) -> [String]? {
        named(
            form.elements("types").enumerated().compactMap { index, element in
                guard case .string(let text) = element, let type = EventType(text) else {
                    form.fault("\(form.place)/types/\(index)", "a type is a text such as case.answered")
                    return nil
                }
                return type.description
            })
    }

    private static func kinds(_ form: inout FormReader) -> [CaseKind]? {
        named(
            form.elements("kinds").enumerated().compactMap { index, element in
                guard case .string(let text) = element, let kind = CaseKind(rawValue: text) else {
                    form.fault(
                        "\(form.place)/kinds/\(index)", "a kind is one of \(CaseKind.allCases.map(\.rawValue).joined(separator: ", "))")
                    return nil
                }
                return kind
            })
    }

    /// A list that names nothing narrows nothing.
    private static func named<T>(_ list: [T]) -> [T]? { list.isEmpty ? nil : list }
}
