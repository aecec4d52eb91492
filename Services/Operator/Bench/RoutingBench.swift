import AMQP
import CaseFlow
import Logging
import Models
import Postgres
import Routing
import ServiceKit

/// The measurement of routing: cases that are published, assigned, compared and gathered.
struct RoutingBench: Sendable {
    struct Text: Sendable {
        var title: String
        var narrative: String
    }

    let county: CountyDefinition
    let texts: [Text]
    let model: TopicModel
    let report: @Sendable (String) -> Void

    private static let bundle = 64
    /// Of so many cases one repeats the words of an earlier one nearly.
    private static let everyRepeated = 20

    /// How many cases a second one process works off, and how much of a processor's time it takes.
    func run(cases: Int, known: Int) async throws -> BenchFigures {
        let index = try CountyIndex(county)
        return try await BenchHouse.with(report: report) { house in
            try await house.client.run(
                "INSERT INTO routing.counties (version, sequence, definition) VALUES (\(index.version), 1, \(try county.canonicalJSON()))")
            let book = TopicModelBook(client: house.client)
            try await book.add(model)
            _ = try await book.choose(model.version)
            report("publishing \(known + cases) cases")
            try await publish(known + cases, county: index.version, to: house)
            report("starting routing")
            try await house.start("routing", number: 1)
            // The first tenth warms up: connections, statements, the model.
            let (begin, end) = (known + cases / 10, known + cases)
            func done() async throws -> Int {
                try await house.client.run(
                    "SELECT count(*) FROM routing.cases WHERE subject > \(Self.subject(known))"
                ).first?.value(0) ?? 0
            }
            func wait(for count: Int) async throws {
                let limit = ContinuousClock.now + .seconds(1800)
                while try await done() + known < count {
                    guard .now < limit else { throw CommandFailure("Routing did not work off \(count) cases within half an hour.") }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            try await wait(for: begin)
            let (from, clock, used) = (try await done() + known, ContinuousClock.now, try processorTime(house))
            try await wait(for: end)
            let assigned = ContinuousClock.now - clock
            while try await house.client.run("SELECT EXISTS (SELECT FROM routing.matters_waiting)").first?.value(0) == true {
                try await Task.sleep(for: .milliseconds(100))
            }
            let (whole, busy) = (ContinuousClock.now - clock, try processorTime(house) - used)
            try await house.settled("routing")
            let measured = Double(end - from)
            let floor = try await FloorRun(of: known + cases, house.client)
            let least = try await floor.run(.one(service: "routing", batch: 256), cases: end - from, in: house).perSecond
            func count(_ sql: SQL) async throws -> Int { try await house.client.run(sql).first?.value(0) ?? 0 }
            var figures = BenchFigures()
            figures.add("cases", end - from)
            figures.add("known", known)
            figures.add("assignedPerSecond", measured / (assigned / .seconds(1)))
            figures.add("casesPerSecond", measured / (whole / .seconds(1)))
            figures.add("floorCasesPerSecond", least)
            figures.add("floorRatio", measured / (whole / .seconds(1)) / least)
            figures.add("cpuSecondsPerThousandCases", busy / .seconds(1) / measured * 1000)
            figures.add("casesPerCoreSecond", measured / (busy / .seconds(1)))
            figures.add(
                "suggested",
                try await count("SELECT count(*) FROM routing.cases WHERE convert_from(state, 'UTF8') LIKE '%\"suggested\":{%'"))
            figures.add("likenesses", try await count("SELECT count(*) FROM routing.likenesses"))
            figures.add("issues", try await count("SELECT count(*) FROM routing.issues"))
            figures.add("dead", try await count("SELECT count(*) FROM routing.dead_letters"))
            return figures
        }
    }

    /// How many cases a second so many processes assign together when each decision takes `pause` longer, and how near that is to as many
    /// times what one does.
    func spread(cases: Int, over counts: [Int], pause: Duration) async throws -> BenchFigures {
        let index = try CountyIndex(county)
        var figures = BenchFigures()
        figures.add("cases", cases)
        figures.add("decisionMs", pause / .milliseconds(1))
        var single: Double?
        for count in counts {
            let settings = ["HUIYIN_DECISION_PAUSE": "\(Int(pause / .milliseconds(1)))ms"]
            let perSecond = try await BenchHouse.with(settings: settings, report: report) { house in
                try await house.client.run(
                    "INSERT INTO routing.counties (version, sequence, definition) VALUES (\(index.version), 1, \(try county.canonicalJSON()))"
                )
                for number in 1...count { try await house.start("routing", number: number) }
                report("\(cases) cases for \(count) processes")
                let clock = ContinuousClock.now
                try await publish(cases, county: index.version, to: house, bundle: 1)
                let limit = ContinuousClock.now + .seconds(600)
                while try await house.client.run("SELECT count(*) FROM routing.cases").first?.value(0, as: Int.self) ?? 0 < cases {
                    guard .now < limit else { throw CommandFailure("Routing did not work off \(cases) cases within ten minutes.") }
                    try await Task.sleep(for: .milliseconds(20))
                }
                return Double(cases) / ((.now - clock) / .seconds(1))
            }
            figures.add("casesPerSecond\(count)", perSecond)
            let each = single ?? perSecond / Double(count)
            single = each
            figures.add("linear\(count)", perSecond / Double(count) / each)
        }
        return figures
    }

    private func processorTime(_ house: BenchHouse) throws -> Duration {
        guard let time = house.processorTime("routing", number: 1) else { throw CommandFailure("Routing has ended by itself.") }
        return time
    }

    /// The first of them was registered an hour ago, so that they are within the window of issues.
    private static let begin = SystemTime.now - .seconds(3_600)

    private static func subject(_ number: Int) -> Subject {
        let milliseconds = UInt64(clamping: begin.microseconds / 1000) + UInt64(number)
        return Subject(UniqueID(high: milliseconds << 16 | 0x7000, low: 0x8000_0000_0000_0000 | UInt64(number)))
    }

    private func publish(_ count: Int, county: String, to house: BenchHouse, bundle: Int = Self.bundle) async throws {
        let broker = try AMQPBroker(
            url: house.brokerURL, source: .intake, replica: "bench", logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        ) {}
        let running = Task { await broker.publisher.run() }
        defer { running.cancel() }
        while !(await broker.isConnected) { try await Task.sleep(for: .milliseconds(50)) }
        let step = max(bundle * 16, 1024)
        for start in stride(from: 1, through: count, by: step) {
            let events = try (start..<min(start + step, count + 1)).map { try event($0, county) }
            let messages = stride(from: 0, to: events.count, by: bundle).flatMap { first in
                EventBundle.pack(Array(events[first..<min(first + bundle, events.count)])).map {
                    OutboundMessage(
                        exchange: .events, routingKey: Source.intake.rawValue, contentType: EventBundle.contentType, body: $0)
                }
            }
            _ = try await broker.publish(messages)
        }
        await broker.publisher.close()
    }

    private func event(_ number: Int, _ county: String) throws -> CaseEvent {
        let isRepeated = number % Self.everyRepeated == 0 && number > Self.everyRepeated
        let text = texts[(isRepeated ? number - Self.everyRepeated / 2 : number) % texts.count]
        // What is written again by another hand is not quite the same.
        let round = isRepeated ? (number - Self.everyRepeated / 2) / texts.count : number / texts.count
        let mark = round == 0 ? "" : Self.mark(round)
        let (subject, now) = (Self.subject(number), Self.begin + .milliseconds(number))
        let facts = CaseRegistered(
            number: CaseNumber.make(date: LocalDate(yearStart: 2026), serial: Int64(number)), kind: .claim, channel: .hotline,
            urgency: .ordinary, title: text.title + mark, narrative: Self.mixed(text.narrative, mark) + (isRepeated ? "请尽快答复" : ""),
            topic: nil, region: nil, occurred: nil, anonymous: true, petitioners: [], registered: now, receipt: "")
        return try CaseEvent(
            id: EventID(subject.raw), source: .intake, subject: subject, type: CaseRegistered.type, version: CaseRegistered.version,
            time: now, sequence: 1, after: SourcePositions(), county: county, traceparent: nil, stating: facts)
    }

    /// Letters that tell the rounds through the texts apart.
    private static func mark(_ round: Int) -> String {
        String(String.UnicodeScalarView([0x4E00, 0x5200, 0x6100].compactMap { Unicode.Scalar(UInt32($0 + round % 1_000)) }))
    }

    /// A text with a mark in many places, so that another round through the texts is no repetition of the first.
    private static func mixed(_ text: String, _ mark: String) -> String {
        if mark.isEmpty { return text }
        var mixed = ""
        for (place, letter) in text.enumerated() {
            mixed.append(letter)
            if place % 4 == 3 { mixed += mark }
        }
        return mixed
    }
}

extension RoutingBench {
    private static let things = [
        "路灯", "自来水", "噪音", "物业费", "公交车", "工资", "学位", "医保", "垃圾", "停车位", "电梯", "拆迁补偿", "油烟", "房产证", "培训费", "护栏", "低保", "农田",
    ]
    private static let deeds = ["一直没有人处理", "严重影响居民生活", "多次反映没有答复", "请求有关部门查处", "存在很大的安全隐患", "何时能够解决", "没有按照规定公示", "要求退还费用"]
    private static let places = ["东门", "河边", "老街", "新城", "北村", "南湖", "西站", "工业园", "中学旁", "菜场", "桥头", "山下", "水库", "镇上", "小区里", "路口"]

    /// Two thousand messages of about two hundred letters.
    static let inventedTexts: [Text] = {
        var state: UInt64 = 1
        return (0..<2_000).map { _ in inventedText(&state) }
    }()

    /// A message that follows from `state`, which it moves on.
    static func inventedText(_ state: inout UInt64) -> Text {
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let thing = things[next(things.count)]
        let place = (0..<2).map { _ in places[next(places.count)] }.joined()
        let narrative = (0..<8).map { _ in
            places[next(places.count)] + things[next(things.count)] + deeds[next(deeds.count)] + places[next(places.count)] + thing
        }.joined(separator: "，")
        return Text(title: "\(place)\(thing)\(deeds[next(deeds.count)])", narrative: narrative)
    }

    /// The same messages with a topic of the county for the thing that each is about.
    static func inventedExamples(_ county: CountyDefinition) -> [TopicExample] {
        inventedTexts.map { text in
            let thing = things.firstIndex { text.title.contains($0) } ?? 0
            return TopicExample(
                title: text.title, narrative: text.narrative, topic: county.topics[thing % max(1, county.topics.count)].code.text)
        }
    }
}
