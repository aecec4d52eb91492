import Models

/// What a list reads of a case file: what it shows of a case, and what tells who may see it.
///
/// Hundreds of cases are judged for one page; most of what else stands in their files would be read for nothing.
struct ListedFile: JSONObject {
    var number: String
    var registered: Instant
    var title: String
    var life: CaseLife
    /// The county version the case began under.
    var county: String

    init(members: inout JSONMembers) throws {
        number = try members.read("number")
        registered = try members.read("registered")
        title = try members.read("title")
        life = try members.read("life")
        county = try members.read("county")
    }
}
