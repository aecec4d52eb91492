/// How a page of a list found its cases, for the pages behind it: comparing indexes costs as much as a page does.
///
/// It says nothing of cases that the asker must not know of, and it is kept for some pages only, since what is rare among new cases may be
/// common among old ones.
struct ListPath: Codable, Equatable {
    /// Which of the sources that fit was taken.
    var source: Int
    /// 1 when the cases that hold the text were gathered by its pieces, else 0.
    var gathers: Int
    /// 1 when the page found nothing, else 0.
    var isThin: Int
    /// For how many pages it has been kept.
    var pages: Int
    /// How many cases that the asker may know of it examined, and a thousand, so that all are written in as many characters.
    var examined: Int

    /// For how many pages it is kept at most; one digit, so that all paths are written in as many characters.
    static let mostPages = 9
}
