/// CSV files of invented messages.
enum InventedMessages {
    /// `count` messages, each twentieth of which repeats the one before word by word; and how many are repeats.
    static func csv(_ count: Int, mark: String, repeats: Bool = true) -> (bytes: [UInt8], known: Int) {
        let matters = [
            ("学校食堂的饭菜凉了", "孩子在学校吃不上热饭，请教育局看看。"), ("The road by the mill has holes", "Two bicycles fell there in a week, \"deep\" ones."),
            ("路灯不亮", "桥头的路灯，坏了三天𠮷😀"), ("医院排队太久", "排了五个小时的队\n还是没有看上病。"),
        ]
        var (text, known) = ("id,user,title,narrative,at,opposes,likes\r\n", 0)
        var last = ""
        for index in 0..<count {
            let (title, narrative) = matters[index % matters.count]
            var row =
                "u\(index),\"\(title) \(mark)\(index)\",\"\(narrative.replacing("\"", with: "\"\""))\",2025-03-0\(1 + index % 9)T08:30:00,0,\(index)"
            if repeats, index % 20 == 19 {
                row = last
                known += 1
            }
            text += "\(index),\(row)\r\n"
            last = row
        }
        return ([0xEF, 0xBB, 0xBF] + Array(text.utf8), known)
    }
}
