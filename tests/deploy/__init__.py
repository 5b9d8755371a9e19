"""The examples of docs/deploy, each as it stands, run for real before it is believed."""
