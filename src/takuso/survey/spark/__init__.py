"""The survey on Apache Spark, for logs that outgrow one machine: the same steps over the same folder (ADR 30)."""
