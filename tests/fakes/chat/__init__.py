"""What the fakes of chat services share: their clock, their record, the tests' door and hand."""
