import Models

/// A notice as one page of HTML on A4, laid out as official letters are: margins and sizes follow GB/T 9704—2012.
///
/// It needs nothing from elsewhere, runs no script, and every text in it is escaped.
enum LetterPage {
    static func html(of letter: NoticeLetter) -> [UInt8] {
        let isChinese = letter.language == .zh
        let greeting = letter.name.map { isChinese ? "\($0)：" : "\($0):" }
        let paragraphs = letter.body.split(whereSeparator: \.isNewline).map { "<p>\(escaped(String($0)))</p>" }
        let place = [letter.address, letter.name].compactMap { $0 }.map { "<div>\(escaped($0))</div>" }
        let page = """
            <!DOCTYPE html>
            <html lang="\(isChinese ? "zh-CN" : "en")">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(escaped(letter.number))</title>
            <style>
            @page { size: A4 portrait; margin: 37mm 26mm 35mm 28mm; }
            @media screen { body { width: 156mm; margin: 20mm auto; } }
            body { margin: 0; font: 16pt/28pt "FangSong", "FangSong_GB2312", "STFangsong", "Noto Serif CJK SC", serif; color: #000; }
            header { text-align: center; font-size: 26pt; line-height: 40pt; border-bottom: 1pt solid #000; padding-bottom: 4mm; }
            .number { text-align: right; margin: 4mm 0 8mm; }
            .to { margin-bottom: 8mm; line-height: 24pt; overflow-wrap: anywhere; }
            h1 { font: 22pt/36pt "FZXiaoBiaoSong-B05S", "SimSun", "Noto Serif CJK SC", serif; text-align: center; margin: 0 0 8mm; }
            p { margin: 0; text-indent: 2em; text-align: justify; overflow-wrap: anywhere; orphans: 2; widows: 2; }
            p.greeting { text-indent: 0; }
            footer { margin-top: 14mm; text-align: right; padding-right: 4em; break-inside: avoid; }
            </style>
            </head>
            <body>
            <header>\(escaped(letter.county))</header>
            <div class="number">\(isChinese ? "编号：" : "No. ")\(escaped(letter.number))</div>
            <div class="to">\(place.joined())</div>
            <h1>\(escaped(letter.subject))</h1>
            \(greeting.map { "<p class=\"greeting\">\(escaped($0))</p>\n" } ?? "")\(paragraphs.joined(separator: "\n"))
            <footer><div>\(escaped(letter.county))</div><div>\(date(letter.date, isChinese))</div></footer>
            </body>
            </html>

            """
        return Array(page.utf8)
    }

    private static func date(_ date: LocalDate, _ isChinese: Bool) -> String {
        let parts = date.description.split(separator: "-").compactMap { Int($0) }
        return isChinese && parts.count == 3 ? "\(parts[0])年\(parts[1])月\(parts[2])日" : date.description
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // What turns the direction of a line could make a letter say something else than it does.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{0}"..."\u{8}", "\u{B}"..."\u{1F}", "\u{7F}": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
