import CaseFlow
import Models

extension NotificationProcess {
    /// The notices that an event makes owed: to those named, and to the staff of the units among them who have an address of their own.
    ///
    /// `english` are the fields that read otherwise in English.
    func notices(
        _ template: TemplateID, to recipients: [NoticeRecipient], _ event: CaseEvent, _ state: State?, _ county: CountyIndex,
        _ fields: [TemplateField: String], english: [TemplateField: String] = [:]
    ) -> [Effect] {
        // A county that has no words for an occasion tells nobody of it.
        guard let state, TemplateID.required.contains(template) || county.template(template, .zh) != nil else { return [] }
        func notice(_ recipient: NoticeRecipient) -> Notice {
            let language = recipient.language(in: county)
            var all: [String: String] = [
                TemplateField.caseNumber.rawValue: state.number, TemplateField.title.rawValue: state.title,
                TemplateField.county.rawValue: county.definition.name[language],
                TemplateField.unit.rawValue: Self.name(of: state.unit, county, language),
            ]
            if let topic = state.topic { all[TemplateField.topic.rawValue] = county.topic(topic)?.name[language] }
            if let region = state.region { all[TemplateField.region.rawValue] = county.region(region)?.name[language] }
            for (field, value) in fields { all[field.rawValue] = language == .en ? english[field] ?? value : value }
            return Notice(
                id: Notice.id(event: event.id, template: template, recipient: recipient), subject: event.subject, template: template,
                recipient: recipient, time: event.time, fields: all, contact: state.contact(of: recipient), county: state.county)
        }
        let staff = StaffReaders(template, to: recipients, state, county)
        return (recipients + staff.told).map { .notice(notice($0)) } + staff.digested.map { .digest(notice($0)) }
    }
}
