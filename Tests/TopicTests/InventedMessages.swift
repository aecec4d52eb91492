@testable import Routing

/// Short invented messages on three topics.
enum InventedMessages {
    static let roads = ["路灯", "坑洼", "人行道", "红绿灯", "公交站", "井盖", "护栏", "斑马线"]
    static let wages = ["拖欠工资", "社保断缴", "加班费", "劳动合同", "工伤认定", "养老金", "欠薪", "辞退补偿"]
    static let schools = ["学区划分", "补课收费", "幼儿园", "老师体罚", "校服", "中考报名", "食堂", "转学"]
    static let places = ["东门村", "南桥镇", "北湖社区", "西岭乡", "中山街", "新河组"]

    /// Every message of every topic at every place, alternating.
    static let examples: [TopicExample] = places.enumerated().flatMap { number, place in
        roads.indices.flatMap { word in
            [
                TopicExample(
                    title: "\(place)\(roads[word])问题", narrative: "车辆经过\(roads[word])很危险，已经\(number + 2)年没有维修。", topic: "交通"),
                TopicExample(
                    title: "\(place)\(wages[word])", narrative: "老板一直不处理\(wages[word])，\(number + 3)个工友都没有办法。", topic: "劳动"),
                TopicExample(
                    title: "反映\(place)\(schools[word])", narrative: "家长对孩子的\(schools[word])意见很大，有\(number + 5)名学生。", topic: "教育"),
            ]
        }
    }

    /// A model of all of them, made once.
    static let model = Result { try TopicTrainer().model(of: examples) }
}
