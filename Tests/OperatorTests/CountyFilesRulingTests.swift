import Foundation
import Models
import Operator
import TestSupport
import Testing

@Suite struct CountyFilesRulingTests {
    @Test(
        "The sample county's rules send plain matters to the bureau that anybody would name",
        arguments: [
            ("小区物业乱收停车费", "物业公司没有公示收费标准", "housing"), ("夜间施工噪音大", "隔壁凌晨还在打桩", "city-management"),
            ("老板拖欠工资三个月", "一共二十多人", "labour"), ("孩子入学问题", "户口刚迁来", "education"),
            ("门前公路坑洼", "下雨积水", "transport"), ("路口缺红绿灯", "放学时危险", "traffic-police"),
            ("化工厂排放废气", "晚上味道刺鼻", "environment"), ("医院收费不透明", "", "health"),
            ("医保报销比例太低", "", "medical-insurance"), ("征地补偿款没有发", "", "natural-resources"),
            ("买到假货商家不退款", "", "market"), ("隔壁聚众赌博", "", "public-security"),
            ("村里的承包地被占", "", "agriculture"), ("申请低保", "家里困难", "civil-affairs"), ("你好", "请回电话", "dispatch-desk"),
        ])
    func plainMatters(_ title: String, _ narrative: String, _ unit: String) throws {
        let book = try SampleCounty.rules()

        let ruling = book.decide(RuleFacts(kind: .claim, channel: .web, title: title, narrative: narrative))

        #expect(ruling.unit.text == unit, "\(ruling)")
    }

    @Test("A gas leak is an emergency with the pack of hours, and an accusation goes to the discipline inspection")
    func special() throws {
        let book = try SampleCounty.rules()

        let gas = book.decide(RuleFacts(kind: .help, channel: .hotline, title: "楼道燃气泄漏", narrative: "请马上来人"))
        let accusation = book.decide(RuleFacts(kind: .accusation, channel: .letter, title: "反映学校问题", narrative: "校长"))
        let dangerous = book.decide(
            RuleFacts(kind: .accusation, channel: .letter, title: "反映住建局长", narrative: "小区燃气泄漏，局长不管，有人要跳楼"))
        let question = book.decide(RuleFacts(kind: .inquiry, channel: .hotline, title: "医保怎么办", narrative: ""))

        #expect(gas.urgency == .emergency && gas.pack.text == "emergency" && gas.unit.text == "housing")
        #expect(accusation.unit.text == "discipline" && accusation.pack.text == "xinfang-2022")
        #expect(dangerous.unit.text == "discipline" && dangerous.rule?.text == "accusation" && dangerous.urgency == .ordinary)
        #expect(question.pack.text == "hotline-12345")
    }

    @Test("Every topic of the tree leads to a bureau, and every lead unit exists")
    func topics() throws {
        let definition = try SampleCounty.definition()
        let index = try CountyIndex(definition)
        let book = try SampleCounty.rules()
        for topic in definition.topics {
            let ruling = book.decide(RuleFacts(kind: .claim, channel: .web, topic: topic.code))
            #expect(ruling.unit != definition.desk && index.unit(ruling.unit) != nil, "\(topic.code)")
        }
    }

    @Test(
        "At least nine of ten real messages get a bureau other than the dispatch desk",
        .enabled(if: SharedData.path("messages.csv") != nil, SharedData.absence))
    func messages() throws {
        let definition = try SampleCounty.definition()
        let book = try SampleCounty.rules()
        let rows = try SharedData.rows("messages.csv")
        #expect(rows.count == 3460)

        let start = ContinuousClock.now
        let rulings = rows.map {
            book.decide(RuleFacts(kind: .claim, channel: .web, title: $0["title"] ?? "", narrative: $0["narrative"] ?? ""))
        }
        let taken = ContinuousClock.now - start

        let placed = rulings.count { $0.unit != definition.desk }
        print("placed \(placed) of \(rows.count) messages in \(taken)")
        #expect(placed * 10 >= rows.count * 9)
        #expect(Set(rulings.map(\.unit)).count >= 15)
    }
}
