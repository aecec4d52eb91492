import Models
import Testing

@testable import Notification

@Suite("A printed letter")
struct LetterPageTests {
    private func page(_ change: (inout NoticeLetter) -> Void = { _ in }) throws -> String {
        var letter = NoticeLetter(
            id: NoticeID(UniqueID(high: 8, low: 1)), template: .answered, recipient: .petitioner, number: "20261125-000001-1", name: "李华",
            phone: nil, address: "柳树村7号", subject: "答复意见书", body: "您好：\n\n经查，情况属实。", date: try #require(LocalDate("2026-11-25")),
            county: "澄溪县")
        change(&letter)
        return String(decoding: LetterPage.html(of: letter), as: UTF8.self)
    }

    @Test("is laid out as official letters are")
    func layout() throws {
        let page = try page()

        for part in [
            "size: A4 portrait; margin: 37mm 26mm 35mm 28mm", "<header>澄溪县</header>", "编号：20261125-000001-1",
            "<div>柳树村7号</div><div>李华</div>", "<h1>答复意见书</h1>", "<p class=\"greeting\">李华：</p>", "<p>经查，情况属实。</p>", "2026年11月25日",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(try self.page { $0.language = .en }.contains("No. 20261125-000001-1"))
    }

    @Test("lets no text become anything else")
    func escaping() throws {
        let wicked = "</p><script>alert('x')</script><img src=\"http://x\"> & \u{202E}\u{0}"

        let page = try page {
            $0.name = wicked
            $0.address = wicked
            $0.subject = wicked
            $0.body = wicked
            $0.county = wicked
            $0.number = wicked
        }

        #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("\u{202E}") && !page.contains("\u{0}"))
        #expect(page.components(of: "<p").count == (try self.page().components(of: "<p").count - 1))
    }
}

extension String {
    fileprivate func components(of text: String) -> [Range<String.Index>] { ranges(of: text) }
}
