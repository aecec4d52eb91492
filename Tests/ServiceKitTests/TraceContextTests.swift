import Testing

@testable import ServiceKit

@Suite struct TraceContextTests {
    private let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("a valid header is read and written alike")
    func roundTrip() throws {
        let context = try #require(TraceContext(example))

        #expect(context.description == example)
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == "00f067aa0ba902b7")
        #expect(context.isSampled)
    }

    @Test("a later version may carry more, and is passed on as version 00 without unknown flags")
    func laterVersion() {
        #expect(TraceContext("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more")?.description == example)
    }

    @Test(
        "anything else begins a new trace",
        arguments: [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736x00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        ])
    func refused(header: String) {
        #expect(TraceContext(header) == nil)
    }

    @Test("a child stays in its trace under a span of its own")
    func child() throws {
        let parent = try #require(TraceContext(example))

        let child = parent.child()

        #expect(child.traceID == parent.traceID)
        #expect(child.spanID != parent.spanID)
        #expect(child.isSampled)
    }

    @Test("a new trace is itself a valid header, different every time")
    func begin() {
        let traces = (0..<100).map { _ in TraceContext.begin() }

        #expect(traces.allSatisfy { TraceContext($0.description) == $0 })
        #expect(Set(traces.map(\.traceID)).count == 100)
    }
}
