"""What AWS's messages mean."""
