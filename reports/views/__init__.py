"""The pages of reports and of documents. A thing that a person may not see is answered with 404."""
